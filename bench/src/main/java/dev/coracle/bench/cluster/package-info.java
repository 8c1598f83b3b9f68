/**
 * {@code bench/boot} and {@code bench/pods}: what a whole cluster takes, in time and memory, to be there and to run
 * something.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.bench.cluster;
