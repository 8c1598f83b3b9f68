/** What the server tells of itself at {@code /metrics}, by the names that upstream's components have there. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.telemetry;
