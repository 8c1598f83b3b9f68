/**
 * Puts a cluster together. {@link dev.coracle.cluster.Cluster} is the one class that knows every component: it is read
 * from top to bottom as the order in which they start. {@code pki} makes the certificates,
 * {@link dev.coracle.cluster.ClusterPaths} says where state lies, {@link dev.coracle.cluster.ClusterNetwork} which
 * addresses are whose.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.cluster;
