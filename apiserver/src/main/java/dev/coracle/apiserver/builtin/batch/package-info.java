/** The group {@code batch}. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin.batch;
