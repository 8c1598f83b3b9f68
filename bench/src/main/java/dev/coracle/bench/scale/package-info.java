/**
 * A control plane with thousands of nodes that run nothing: what the scheduler and the controllers can do when only they,
 * the API server and the store are asked. Workload shapes as upstream's {@code test/integration/scheduler_perf} has them.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.bench.scale;
