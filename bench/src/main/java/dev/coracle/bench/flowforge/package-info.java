/**
 * {@code bench/flowforge}: tasks per second through FlowForge's queue, beside db-scheduler, on the same PostgreSQL in
 * turns. {@link dev.coracle.bench.flowforge.Contender} is what both must do.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.bench.flowforge;
