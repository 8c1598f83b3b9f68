/** The group {@code autoscaling}. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin.autoscaling;
