/** The group {@code networking.k8s.io}. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin.networking;
