/** The group {@code coordination.k8s.io}. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin.coordination;
