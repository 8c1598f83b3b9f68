/**
 * Deployments to ReplicaSets. {@code Rollout} is the arithmetic (maxSurge, maxUnavailable, proportional scaling), {@code
 * DeploymentStatus} the conditions and the progress deadline, {@code Revisions} what {@code rollout undo} stands on,
 * {@code PodTemplates} which set is of which template; {@code DeploymentController} reads, decides with these, and writes.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.deployment;
