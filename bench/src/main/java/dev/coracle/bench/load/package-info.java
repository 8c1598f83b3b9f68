/**
 * {@code bench/load}: requests at a given concurrency to any API server that a kubeconfig names, and how long each took.
 * {@link dev.coracle.bench.load.Load} is the command. A {@link dev.coracle.bench.load.Server} is one API server with the
 * objects that the run made there; a {@link dev.coracle.bench.load.Lane} is one connection to it that has one request
 * under way, and {@link dev.coracle.bench.load.Lanes} drives many of them for a while. Two servers are measured in turns,
 * so that what else the machine does meets both.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.bench.load;
