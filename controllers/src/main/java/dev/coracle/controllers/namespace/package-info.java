/** Empties namespaces that are being deleted, pods first, and tells by conditions what is left. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.namespace;
