/** The group {@code apps}. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin.apps;
