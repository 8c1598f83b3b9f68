/**
 * JSON and YAML as plain trees: {@code Map<String, Object>} (insertion-ordered), {@code List<Object>}, {@code String},
 * {@code Long}, {@code Double}, {@code Boolean} and {@code null}, as {@code unstructured} has them upstream.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery.json;
