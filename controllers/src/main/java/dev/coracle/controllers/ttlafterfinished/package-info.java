/** Jobs that are finished, deleted when they have been so for as long as they asked. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.ttlafterfinished;
