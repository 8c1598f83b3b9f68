/**
 * Gives each pod without a node the node that suits it best. {@link dev.coracle.scheduler.Filters} lists what rules a node
 * out, with upstream's words for each; among the rest the one with the most room wins.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler;
