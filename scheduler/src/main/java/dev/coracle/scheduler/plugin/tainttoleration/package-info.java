/** Keeps pods off nodes whose taints they do not tolerate, and where it can off those with a mere wish against them. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.tainttoleration;
