/** The group {@code scheduling.k8s.io}. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin.scheduling;
