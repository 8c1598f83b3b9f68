/** Empties and finishes namespaces that are being deleted. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.namespace;
