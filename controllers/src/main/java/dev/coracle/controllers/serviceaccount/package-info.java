/** What every namespace has: the service account {@code default} and the cluster's root certificate. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.serviceaccount;
