/** Keeps pods with scheduling gates out of the queue. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.schedulinggates;
