/** The group {@code rbac.authorization.k8s.io}. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin.rbac;
