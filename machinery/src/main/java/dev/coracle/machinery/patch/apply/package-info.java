/**
 * Server-side apply: who said what ({@link dev.coracle.machinery.patch.apply.ManagedFields}), and what a new intent
 * of one of them makes of an object ({@link dev.coracle.machinery.patch.apply.ServerSideApply}). See KEP-555 and
 * {@code sigs.k8s.io/structured-merge-diff}.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery.patch.apply;
