/** The group {@code storage.k8s.io}. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin.storage;
