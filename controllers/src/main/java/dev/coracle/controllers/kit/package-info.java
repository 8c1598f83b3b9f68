/** What controllers share. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.kit;
