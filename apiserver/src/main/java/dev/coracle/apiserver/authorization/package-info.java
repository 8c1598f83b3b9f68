/**
 * Who may what: {@code RbacAuthorizer} from the roles and bindings that the registry holds, {@code NodeAuthorizer} from what
 * the pods of a node name, and {@code RbacEscalation}, which keeps roles from giving more than their writer has.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.authorization;
