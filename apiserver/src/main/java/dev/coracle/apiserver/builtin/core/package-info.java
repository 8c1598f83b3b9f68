/** The core group. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin.core;
