/**
 * Makes the schema resources that {@code dev.coracle.machinery.schema} reads, when machinery is built.
 *
 * <p>No package of Maven Central carries Kubernetes' OpenAPI document, but two of the official Java client's do carry
 * what it says. {@code client-java-api} has a class for every definition, generated from the document:
 * {@link dev.coracle.schema.generator.Models} reads properties, types, descriptions and what is required.
 * {@code client-java-proto}'s sources keep the comments of the Go types: {@link
 * dev.coracle.schema.generator.ProtoSources} reads the markers ({@code +listType}, {@code +patchMergeKey}, {@code
 * +default}…) and the descriptions of fields that refer to other types, which the classes lack. {@link
 * dev.coracle.schema.generator.Joining} brings both together, with hand-written {@link
 * dev.coracle.schema.generator.Facts} that neither has, and {@link dev.coracle.schema.generator.Writing} writes two
 * text files for each Go package: structure, and descriptions, which few need.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.schema.generator;
