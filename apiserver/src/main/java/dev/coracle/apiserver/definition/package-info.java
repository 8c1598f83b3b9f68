/** What a resource is: names, scope, defaults, validation, columns. {@link dev.coracle.apiserver.definition.BuiltIns} lists those that ship in the box. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.definition;
