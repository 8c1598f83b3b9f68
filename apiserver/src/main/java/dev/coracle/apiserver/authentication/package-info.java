/** Who is calling. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.authentication;
