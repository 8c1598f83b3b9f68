/**
 * Gives each pod without a node the node that suits it best. {@link dev.coracle.scheduler.Filters} lists what rules a node
 * out, with upstream's words for each; among the rest the one with the most room wins. A pod that no node takes waits in the
 * {@link dev.coracle.scheduler.SchedulingQueue} for what can help it.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler;
