/** Expressions in Google's Common Expression Language, as users write them in webhooks' conditions and in policies. */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.admission.cel;
