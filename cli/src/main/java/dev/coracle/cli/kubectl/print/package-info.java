/**
 * How things look: aligned columns, YAML and JSON as Go's encoders write them, JSONPath templates, and the output formats
 * of {@code -o} over them.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.cli.kubectl.print;
