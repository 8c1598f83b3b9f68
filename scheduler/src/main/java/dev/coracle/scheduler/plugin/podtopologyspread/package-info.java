/** Spreads the pods of a set evenly over nodes, zones or other domains. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.podtopologyspread;
