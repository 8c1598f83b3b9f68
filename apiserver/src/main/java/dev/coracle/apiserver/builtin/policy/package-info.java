/** The group {@code policy}. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin.policy;
