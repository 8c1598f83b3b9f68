/** Prefers nodes that have a pod's images. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.imagelocality;
