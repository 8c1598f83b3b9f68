/** A store that keeps nothing across its own life: for tests and throw-away clusters. */
@org.jspecify.annotations.NullMarked
package dev.coracle.store.memory;
