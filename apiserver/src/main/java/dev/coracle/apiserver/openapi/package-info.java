/**
 * The OpenAPI documents: what kubectl explains, validates and merges by.
 *
 * <p>{@link dev.coracle.apiserver.openapi.Documents} makes one document of version 3 for each group and version, and
 * one of version 2 for all. A document has two halves: {@link dev.coracle.apiserver.openapi.Components}, the
 * definitions of {@link dev.coracle.machinery.schema.Schemas} that its kinds reach, and {@link
 * dev.coracle.apiserver.openapi.Paths}, what may be asked where. The versions differ in few places, which {@link
 * dev.coracle.apiserver.openapi.Dialect} knows.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.openapi;
