/**
 * Why something does not work: the walk that one does with {@code get}, {@code describe} and {@code logs}, done by a program
 * over what the API shows at this moment, with the rights of who asks.
 *
 * <pre>
 * Ingress ──► Service ──► pods that are ready? ──► pod ──► scheduling, volumes, image, configuration, crash, probe
 * Deployment ──► ReplicaSet (quota, admission) ──┘   └──► claim ──► class; node
 * </pre>
 *
 * {@link dev.coracle.cli.why.Walk} lists what is looked at for each kind, one class a kind, whose checks stand in the order in
 * which things go wrong: the first that finds something names the cause. {@link dev.coracle.cli.why.View} reads, and never
 * takes what it may not see for missing.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.cli.why;
