/** The verbs that stay connected: logs, and those over WebSockets. */
@org.jspecify.annotations.NullMarked
package dev.coracle.cli.kubectl.stream;
