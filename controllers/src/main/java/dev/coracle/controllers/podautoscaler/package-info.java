/**
 * Autoscaling of workloads by what is measured of their pods ({@code pkg/controller/podautoscaler}).
 *
 * <p>A look at one autoscaler, every 15 seconds: {@code Targets} finds the scale of what it scales; {@code Measurements}
 * reads a metric; {@code ReplicaCalculator} says how many replicas that metric asks for, the largest of all metrics counts;
 * {@code Behavior} keeps that within the limits and holds it back for as long as it was another one lately; the controller
 * writes the scale, and what it did and why into the status.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.podautoscaler;
