/** What a node's pods use, measured when asked. */
@NullMarked
package dev.coracle.kubelet.stats;

import org.jspecify.annotations.NullMarked;
