/** Takes pods to where their volumes are or can be made. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.volumebinding;
