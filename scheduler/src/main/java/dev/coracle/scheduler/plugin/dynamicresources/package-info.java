/** Keeps pods that claim devices from nodes until they can have them. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.dynamicresources;
