/**
 * Admission: after a request is authorized and before it is stored, each plugin may complete the object
 * ({@link dev.coracle.apiserver.admission.AdmissionPlugin#admit}) and then each may refuse it. One class per plugin,
 * named as upstream names it; {@link dev.coracle.apiserver.admission.AdmissionChain#standard} lists them in their
 * order.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.admission;
