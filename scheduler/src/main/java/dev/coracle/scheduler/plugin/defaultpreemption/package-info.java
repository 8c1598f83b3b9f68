/** Makes room for a pod where pods of lower priority are in its way. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.defaultpreemption;
