/** Keeps pods off nodes whose ports, which they ask for, are taken. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.nodeports;
