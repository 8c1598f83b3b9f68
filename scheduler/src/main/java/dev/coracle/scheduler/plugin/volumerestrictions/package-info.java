/** Keeps pods apart that may not use a volume together. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.volumerestrictions;
