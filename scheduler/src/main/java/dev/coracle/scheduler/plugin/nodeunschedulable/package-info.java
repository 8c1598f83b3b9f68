/** Keeps pods off nodes that are cordoned. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.nodeunschedulable;
