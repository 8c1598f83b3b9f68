/**
 * What a cluster has before anybody creates anything: its namespaces, and the roles and bindings by which its components,
 * its users and its ServiceAccounts may do what they must. The roles themselves are {@code roles.txt} beside this class.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.bootstrap;
