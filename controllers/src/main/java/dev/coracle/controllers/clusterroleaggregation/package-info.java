/** ClusterRoles that gather the rules of others: {@code admin} has what every role labelled for it has. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.clusterroleaggregation;
