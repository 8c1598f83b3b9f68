/** JSONPath as Kubernetes has it: for {@code -o jsonpath}, printer columns, replica paths. */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery.json.path;
