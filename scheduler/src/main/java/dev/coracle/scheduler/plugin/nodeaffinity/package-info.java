/** Heeds what pods ask of nodes' labels and names: {@code nodeSelector}, required and preferred affinity. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.nodeaffinity;
