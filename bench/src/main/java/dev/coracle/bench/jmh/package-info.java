/**
 * {@code bench/jmh}: the inner loops. A method {@code x} has its reference, the least that the same would cost in plain
 * Java, in {@code xReference}; {@link dev.coracle.bench.jmh.Microbenchmarks} runs both and shows the ratio.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.bench.jmh;
