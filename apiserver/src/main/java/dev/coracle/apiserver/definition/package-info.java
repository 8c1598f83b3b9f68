/**
 * What a resource is: {@link dev.coracle.apiserver.definition.ResourceDefinition} tells one whole, and what many share
 * to tell themselves with lies beside it.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.definition;
