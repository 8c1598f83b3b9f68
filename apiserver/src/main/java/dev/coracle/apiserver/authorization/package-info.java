/** RBAC, from what the registry holds. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.authorization;
