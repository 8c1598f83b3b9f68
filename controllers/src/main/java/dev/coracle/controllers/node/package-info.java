/** Marks nodes whose heartbeat stopped and moves their pods. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.node;
