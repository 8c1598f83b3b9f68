/**
 * {@code kubectl apply} as it is by default: what was applied last stands in an annotation, and three versions of the
 * object (that one, the new one, the live one) make the patch.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.cli.kubectl.apply;
