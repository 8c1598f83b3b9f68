/**
 * ValidatingAdmissionPolicies: rules that users write as expressions. A policy says what is wrong, a binding to what it
 * applies, with which parameters and what follows.
 * {@link dev.coracle.apiserver.admission.policy.ValidatingPolicies} brings them together.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.admission.policy;
