/** A default service account in each namespace. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.serviceaccount;
