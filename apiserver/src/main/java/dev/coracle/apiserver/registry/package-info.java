/**
 * The one path that every object takes to and from the store. {@link dev.coracle.apiserver.registry.Registry} is the
 * door. {@code Writer} shows a write's way from top to bottom, {@code Lifecycle} what is the server's to decide,
 * {@code FieldOwnership} who owns which field, {@code Commits} the transactions; {@code ResourceCache} serves reads and
 * watches.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.registry;
