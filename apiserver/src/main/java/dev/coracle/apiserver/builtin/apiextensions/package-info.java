/** The group {@code apiextensions.k8s.io}. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin.apiextensions;
