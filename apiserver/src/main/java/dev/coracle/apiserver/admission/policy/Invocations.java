package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Kinds;
import dev.coracle.apiserver.admission.Objects;
import dev.coracle.apiserver.admission.Versions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds what is to be held against a request. */
final class Invocations<R> {
    private final Policies<R> policies;
    private final Objects objects;
    private final Versions versions;
    private final Params params;

    Invocations(Policies<R> policies, Objects objects, Kinds kinds) {
        this.policies = policies;
        this.objects = objects;
        this.versions = new Versions(kinds);
        this.params = new Params(objects, kinds);
    }

    /** Told of a binding that cannot be followed, unless the policy ignores failures. */
    interface Failed<R> {
        void because(Policy<R> policy, Policies.Binding binding, String why);
    }

    /** By the policies' names, then the bindings'. */
    List<Invocation<R>> of(AdmissionRequest request, Failed<R> failed) {
        List<Invocation<R>> all = new ArrayList<>();
        for (Policies.Bound<R> bound : policies.bound()) {
            Optional<GroupVersionResource> version = bound.policy().selector().match(request, objects, versions);
            if (version.isEmpty()) {
                continue;
            }
            for (Policies.Binding binding : bound.bindings()) {
                try {
                    if (binding.selector().match(request, objects, versions).isPresent()) {
                        for (Optional<Unstructured> param :
                                params.of(bound.policy(), binding.object(), request.namespace())) {
                            all.add(new Invocation<>(bound.policy(), binding, version.get(), param));
                        }
                    }
                } catch (StatusException | IllegalArgumentException e) {
                    if (!bound.policy().ignoresFailures()) {
                        failed.because(bound.policy(), binding, "failed to configure binding: " + e.getMessage());
                    }
                }
            }
        }
        return all;
    }
}
