/** The Node object and its Lease. */
@org.jspecify.annotations.NullMarked
package dev.coracle.kubelet.node;
