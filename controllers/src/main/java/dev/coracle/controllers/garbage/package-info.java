/**
 * Deletes what belongs to owners that are gone, and deletes in the foreground, in the background or not at all, as the
 * owner's deletion asked. {@code Kinds} are those that the server has.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.garbage;
