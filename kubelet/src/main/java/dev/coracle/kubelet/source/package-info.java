/**
 * The Secrets and ConfigMaps that the node's pods name, each watched by its name: a node may read these and no others.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.kubelet.source;
