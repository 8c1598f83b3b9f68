/**
 * API objects: {@link dev.coracle.machinery.object.Unstructured} to read and build one,
 * {@link dev.coracle.machinery.object.Revision} for one as it was at a resourceVersion, names of kinds and resources,
 * and {@link dev.coracle.machinery.object.StatusException} for what the API answers when it refuses.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery.object;
