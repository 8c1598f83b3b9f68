package dev.coracle.apiserver.admission.webhook;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Objects;
import dev.coracle.apiserver.admission.Requests;
import dev.coracle.apiserver.admission.Versions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether a webhook is asked about a request, and in which version. */
final class Selection {
    private final Objects objects;
    private final Versions versions;
    private final Conditions conditions;

    Selection(Objects objects, Versions versions, Conditions conditions) {
        this.objects = objects;
        this.versions = versions;
        this.conditions = conditions;
    }

    /**
     * Labels are compared first, but that a namespace is missing is said only to whom a rule matches.
     *
     * @throws StatusException 404 for a namespace that there is not; 403 where a condition fails
     */
    Optional<Invocation> select(Webhook webhook, AdmissionRequest request) {
        StatusException missing = null;
        try {
            if (!inNamespace(webhook, request)) {
                return Optional.empty();
            }
        } catch (StatusException e) {
            missing = e;
        }
        if (!webhook.objects().isEmpty()
                && !labelled(webhook, request.object())
                && !labelled(webhook, request.oldObject())) {
            return Optional.empty();
        }
        GroupVersionResource matched = matched(webhook, request);
        if (matched == null) {
            return Optional.empty();
        }
        if (missing != null) {
            throw missing;
        }
        Invocation invocation = new Invocation(webhook, matched, versions.kind(request, matched));
        return conditions.hold(invocation, request) ? Optional.of(invocation) : Optional.empty();
    }

    private boolean inNamespace(Webhook webhook, AdmissionRequest request) {
        if (webhook.namespaces().isEmpty()) {
            return true;
        }
        Optional<Map<String, String>> labels = Requests.namespaceLabels(request, objects);
        return labels.isEmpty() || webhook.namespaces().matches(labels.get());
    }

    /** What has no metadata, such as the options of a connection, has no labels to match. */
    private static boolean labelled(Webhook webhook, Unstructured object) {
        return object.has("metadata") && webhook.objects().matches(object.labels());
    }

    private @Nullable GroupVersionResource matched(Webhook webhook, AdmissionRequest request) {
        if (webhook.rules().stream().anyMatch(r -> matches(r, request, request.requested()))) {
            return request.requested();
        }
        if (!webhook.equivalent()) {
            return null;
        }
        for (Rule rule : webhook.rules()) {
            for (GroupVersionResource other : versions.equivalents(request)) {
                if (matches(rule, request, other)) {
                    return other;
                }
            }
        }
        return null;
    }

    private static boolean matches(Rule rule, AdmissionRequest request, GroupVersionResource resource) {
        return rule.matches(request.operation(), resource, request.subresource(), Requests.namespace(request));
    }
}
