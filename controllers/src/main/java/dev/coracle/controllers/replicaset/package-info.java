/**
 * ReplicaSets, and ReplicationControllers as another {@code Family} of the same, to Pods. {@code Victims} says which pods go
 * when there are too many; what makes and deletes them is the kit's {@code PodControl}.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.replicaset;
