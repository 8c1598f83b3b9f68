/** {@code kubectl set}: one small file for each of its commands, all of them in the registry of {@link SetVerb}. */
@org.jspecify.annotations.NullMarked
package dev.coracle.cli.kubectl.set;
