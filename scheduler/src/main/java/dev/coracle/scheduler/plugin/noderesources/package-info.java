/** Keeps pods off nodes that have not enough left for them, and prefers those that have most, evenly. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.noderesources;
