/**
 * Gives devices to pods that claim them, and keeps such pods from nodes where they cannot have any. Begin with
 * {@link dev.coracle.scheduler.plugin.dynamicresources.DynamicResources}; what drivers offer is read by {@code Slice} and
 * {@code Pool}, what claims ask by {@code Ask}, and {@code Search} brings both together.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.dynamicresources;
