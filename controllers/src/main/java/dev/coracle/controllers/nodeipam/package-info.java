/** Gives nodes that come without one a range for their pods' addresses. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.nodeipam;
