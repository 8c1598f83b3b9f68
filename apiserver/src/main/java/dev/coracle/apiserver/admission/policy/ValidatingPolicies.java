package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Kinds;
import dev.coracle.apiserver.admission.Objects;
import dev.coracle.apiserver.admission.Requests;
import dev.coracle.apiserver.admission.Versions;
import dev.coracle.apiserver.admission.cel.Rights;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holds requests against the policies. There is no audit log, so that what is only to be audited is let pass. */
public final class ValidatingPolicies {
    private final Policies policies;
    private final Objects objects;
    private final Versions versions;
    private final Params params;
    private final Authorizer authorizer;

    public ValidatingPolicies(Objects objects, Kinds kinds, Authorizer authorizer) {
        this.authorizer = authorizer;
        this.policies = new Policies(objects);
        this.objects = objects;
        this.versions = new Versions(kinds);
        this.params = new Params(objects, kinds);
    }

    /** @throws StatusException the first refusal, by the policies' and bindings' names */
    public void validate(AdmissionRequest request) {
        if (Requests.isExempt(request)) {
            return;
        }
        List<StatusException> refusals = new ArrayList<>();
        for (Policies.Bound bound : policies.bound()) {
            bound.policy()
                    .selector()
                    .match(request, objects, versions)
                    .ifPresent(version -> refusals.addAll(judge(bound, version, request)));
        }
        if (!refusals.isEmpty()) {
            throw refusals.getFirst();
        }
    }

    private List<StatusException> judge(Policies.Bound bound, GroupVersionResource version, AdmissionRequest request) {
        Policy policy = bound.policy();
        Map<String, @Nullable Object> values = values(version, request);
        List<StatusException> refusals = new ArrayList<>();
        for (Policies.Binding binding : bound.bindings()) {
            List<Decision> decisions = new ArrayList<>();
            try {
                if (binding.selector().match(request, objects, versions).isEmpty()) {
                    continue;
                }
                for (Optional<Unstructured> param : params.of(policy, binding.object(), request.namespace())) {
                    Map<String, @Nullable Object> all = new LinkedHashMap<>(values);
                    if (policy.paramKind().isPresent()) {
                        all.put(
                                "params",
                                param.<@Nullable Object>map(Unstructured::map).orElse(null));
                    }
                    decisions.addAll(new Evaluation(policy, all).decide());
                }
            } catch (StatusException | IllegalArgumentException e) {
                if (!policy.ignoresFailures()) {
                    refusals.add(refusal(
                            policy,
                            binding,
                            request,
                            new Decision("failed to configure binding: " + e.getMessage(), "Invalid")));
                }
            }
            List<String> actions = binding.object().stringList("spec", "validationActions");
            for (Decision d : decisions) {
                if (actions.contains("Warn")) {
                    request.warnings()
                            .accept("Validation failed for ValidatingAdmissionPolicy '" + policy.name()
                                    + "' with binding '" + binding.name() + "': " + d.message());
                }
                if (actions.contains("Deny")) {
                    refusals.add(refusal(policy, binding, request, d));
                }
            }
        }
        return refusals;
    }

    private Map<String, @Nullable Object> values(GroupVersionResource version, AdmissionRequest request) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>(Rights.of(authorizer, request));
        values.put("object", shown(request.object(), version));
        values.put("oldObject", shown(request.oldObject(), version));
        values.put(
                "request",
                Requests.described(request, versions, version, versions.kind(request, version))
                        .map());
        values.put(
                "namespaceObject",
                request.namespace().isEmpty()
                        ? null
                        : objects.get(Resources.NAMESPACES, "", request.namespace())
                                .map(Revision::object)
                                .orElseThrow(() -> StatusException.notFound(Resources.NAMESPACES, request.namespace()))
                                .map());
        return values;
    }

    private @Nullable Object shown(Unstructured object, GroupVersionResource version) {
        return object.map().isEmpty() ? null : versions.shown(object, version).map();
    }

    private static StatusException refusal(
            Policy policy, Policies.Binding binding, AdmissionRequest request, Decision decision) {
        String message = "ValidatingAdmissionPolicy '" + policy.name() + "' with binding '" + binding.name()
                + "' denied request: " + decision.message();
        StatusException plain = StatusException.forbidden(request.resource(), request.name(), message);
        Unstructured details = plain.details().copy();
        details.set(List.of(Map.of("message", message)), "causes");
        return new StatusException(decision.code(), decision.reason(), String.valueOf(plain.getMessage()), details);
    }
}
