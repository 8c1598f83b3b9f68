/** See the module description in the pom. */
@org.jspecify.annotations.NullMarked
package dev.coracle.network;
