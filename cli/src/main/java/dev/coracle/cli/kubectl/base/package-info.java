/**
 * What every verb stands on: {@link dev.coracle.cli.kubectl.base.Flags} reads command lines as kubectl's own parser does,
 * {@link dev.coracle.cli.kubectl.base.Session} holds the connection and the three streams,
 * {@link dev.coracle.cli.kubectl.base.Errors} words what went wrong.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.cli.kubectl.base;
