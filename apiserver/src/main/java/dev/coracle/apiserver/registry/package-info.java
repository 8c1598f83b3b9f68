/** The one path that every object takes to and from the store, and the watch cache that serves reads. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.registry;
