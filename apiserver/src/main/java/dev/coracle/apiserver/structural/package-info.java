/**
 * The schemas of CustomResourceDefinitions: what one may say ({@link dev.coracle.apiserver.structural.SchemaRules}),
 * and what it says of objects ({@link dev.coracle.apiserver.structural.StructuralSchema}): which fields they have,
 * what is filled in, which values are valid. Follows {@code k8s.io/apiextensions-apiserver/pkg/apiserver/schema} and
 * {@code k8s.io/kube-openapi/pkg/validation}.
 *
 * <p>A schema is read once into a tree of {@link dev.coracle.apiserver.structural.Node}s, which never changes; pruning,
 * completing and checking walk that tree and the object side by side.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.structural;
