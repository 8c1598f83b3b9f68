/** Keeps a node from being given more volumes than its drivers can attach. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.nodevolumelimits;
