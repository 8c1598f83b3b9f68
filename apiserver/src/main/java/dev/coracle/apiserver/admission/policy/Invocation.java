package dev.coracle.apiserver.admission.policy;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Optional;

/**
 * That a policy, by one of its bindings and with one set of parameters, is to be held against a request.
 *
 * @param version of the request's resource in which the policy selects it
 * @param param empty where there is none
 */
record Invocation<R>(
        Policy<R> policy, Policies.Binding binding, GroupVersionResource version, Optional<Unstructured> param) {
    /** The same in both rounds of a request. */
    Object id() {
        return List.of(
                policy.name(),
                binding.name(),
                param.map(p -> p.namespace() + "/" + p.name()).orElse(""));
    }
}
