/** Keeps pods that name a node off all others. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.nodename;
