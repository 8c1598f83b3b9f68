/**
 * What the resources are. {@link dev.coracle.apiserver.definition.BuiltIns} lists them in one screen;
 * {@link dev.coracle.apiserver.definition.Defaults} completes an object and
 * {@link dev.coracle.apiserver.definition.Validation} judges it, each with a class of rules for a group of kinds.
 * The rules are upstream's, and so are the words, since people look them up.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.definition;
