/** ReplicaSets to Pods. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.replicaset;
