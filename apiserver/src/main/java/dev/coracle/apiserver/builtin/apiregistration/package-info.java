/** The group {@code apiregistration.k8s.io}. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin.apiregistration;
