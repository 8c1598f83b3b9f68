/** Keeps pods in the zones of their volumes. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.volumezone;
