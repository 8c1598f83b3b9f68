/**
 * Looks whether what a ValidatingAdmissionPolicy says can be said of the kinds that it is about, and writes into its
 * status what cannot.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.validatingadmissionpolicystatus;
