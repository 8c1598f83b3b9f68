/**
 * ReplicaSets, and ReplicationControllers as another {@code Family} of the same, to Pods. {@code Expectations} bridge the time until the informer shows what was done, {@code Victims} says
 * which pods go when there are too many.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.replicaset;
