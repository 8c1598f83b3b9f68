/**
 * Time, randomness and threads, passed in. This is the only package of Coracle that may call {@code Instant.now()},
 * {@code new Random()}, {@code Thread.ofVirtual()} and their like; the build refuses them elsewhere. Production runs on
 * {@link dev.coracle.machinery.env.SystemEnvironment}, simulation on
 * {@link dev.coracle.machinery.env.VirtualEnvironment}.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery.env;
