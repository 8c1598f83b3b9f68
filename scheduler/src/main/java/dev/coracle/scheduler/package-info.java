/**
 * Gives each pod without a node the node that suits it best. {@link dev.coracle.scheduler.Scheduler} is the loop,
 * {@link dev.coracle.scheduler.Decision} what it decides about one pod, by the rules of the plugins that
 * {@link dev.coracle.scheduler.Registry} lists, each in a package of its own below {@code plugin}; the package
 * {@code framework} has their shape. Which of them take part, and how much they count, a
 * {@link dev.coracle.scheduler.KubeSchedulerConfiguration} says for each {@code schedulerName}. A pod that no node takes
 * waits in the {@link dev.coracle.scheduler.SchedulingQueue} for what can help it.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler;
