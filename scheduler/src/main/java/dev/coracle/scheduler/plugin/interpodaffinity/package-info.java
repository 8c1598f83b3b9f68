/** Heeds what pods, those to come and those there, ask of each other's company. */
@org.jspecify.annotations.NullMarked
package dev.coracle.scheduler.plugin.interpodaffinity;
