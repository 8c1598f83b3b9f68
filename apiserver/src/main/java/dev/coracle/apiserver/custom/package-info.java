/**
 * Kinds that users bring: {@link dev.coracle.apiserver.custom.CustomResources} follows the definitions in the registry
 * and serves what they say.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.custom;
