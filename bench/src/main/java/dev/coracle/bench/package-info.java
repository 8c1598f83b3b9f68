/**
 * Measurement: what Coracle does in how much time, always beside a reference in the same run. {@code docs/benchmarks.md}
 * has the commands; each of the launchers in {@code bench/} starts one package below, and {@code bench/jmh} the
 * microbenchmarks, which lie in the packages of what they measure where that is not public.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.bench;
