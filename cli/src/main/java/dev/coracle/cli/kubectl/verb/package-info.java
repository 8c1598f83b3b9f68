/** The verbs that ask once and answer: one class for each, of its name. */
@org.jspecify.annotations.NullMarked
package dev.coracle.cli.kubectl.verb;
