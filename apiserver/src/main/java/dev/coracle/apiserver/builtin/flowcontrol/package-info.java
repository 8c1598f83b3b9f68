/** The group {@code flowcontrol.apiserver.k8s.io}. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin.flowcontrol;
