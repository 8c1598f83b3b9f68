/** The group {@code admissionregistration.k8s.io}: who else is asked whether a write may be done. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin.admissionregistration;
