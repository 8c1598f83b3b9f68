/**
 * Deletes what belongs to owners that are gone, and deletes in the foreground, in the background or not at all, as the
 * owner's deletion asked. {@code Kinds} lists the kinds that are followed.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.garbage;
