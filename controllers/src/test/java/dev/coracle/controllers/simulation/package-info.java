/**
 * Workloads and their controllers in a world where everything goes wrong that may, drawn from a seed: calls fail before
 * or after they did what they should, watches tell late, twice, or have to begin anew, and the controllers die between any
 * two writes and come back without a memory. What must hold at each step is looked at after each write; when the faults
 * stop, all must come to what was asked for.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.simulation;
