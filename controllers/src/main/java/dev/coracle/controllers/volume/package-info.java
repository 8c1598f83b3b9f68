/** Claims to volumes: binds them and provisions local directories. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.volume;
