/** Deployments to ReplicaSets: rolling updates. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.deployment;
