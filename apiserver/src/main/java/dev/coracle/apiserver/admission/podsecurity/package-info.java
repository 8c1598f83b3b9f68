/**
 * The pod security standards: what a pod may do to the machine it runs on. A namespace says by labels how strict it is,
 * {@link dev.coracle.apiserver.admission.podsecurity.Policy} reads them, {@link
 * dev.coracle.apiserver.admission.podsecurity.Checks} lists the rules, and {@link
 * dev.coracle.apiserver.admission.podsecurity.PodSecurity} holds pods, and what makes pods, against them.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.admission.podsecurity;
