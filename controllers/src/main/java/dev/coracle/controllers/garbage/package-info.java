/** Deletes what has lost its owners. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.garbage;
