/**
 * What the fields of the built-in kinds are: types, required fields, descriptions, how lists merge.
 *
 * <p>{@link dev.coracle.machinery.schema.Schemas} finds the {@link dev.coracle.machinery.schema.Schema} of a kind. It
 * reads text files that module {@code schema-generator} makes when machinery is built (see its package comment for
 * where the facts come from), one Go package at a time and only when asked, so that starting costs nothing;
 * descriptions lie in files of their own, since only OpenAPI wants them.
 *
 * <p>On top of it: {@link dev.coracle.machinery.schema.FieldCheck} finds unknown fields and wrong types as upstream's
 * decoder does, {@link dev.coracle.machinery.schema.UnknownFields} drops the former, {@link dev.coracle.machinery.schema.AppliedFields} what an apply cannot own, {@link
 * dev.coracle.machinery.schema.SchemaMergeKeys} serves strategic merge patches, {@link
 * dev.coracle.machinery.schema.SchemaStructure} server-side apply.
 *
 * <p>{@link dev.coracle.machinery.schema.ProtobufReader} and {@link dev.coracle.machinery.schema.ProtobufWriter} know the
 * same kinds by the numbers of their fields.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery.schema;
