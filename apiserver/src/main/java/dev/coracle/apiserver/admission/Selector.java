package dev.coracle.apiserver.admission;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What selects requests, as webhooks and policies say it alike.
 *
 * @param excluded what is not selected, though a rule says so
 * @param any whether no rules means all requests
 * @param equivalent whether a request for another version of what the rules name is selected
 */
public record Selector(
        LabelSelector namespaces,
        LabelSelector objects,
        List<Rule> rules,
        List<Rule> excluded,
        boolean any,
        boolean equivalent) {

    public static Selector ofWebhook(Unstructured webhook) {
        return of(webhook, rules(webhook, "rules"), List.of(), false);
    }

    /** @param any whether no rules means all requests, as bindings have it */
    public static Selector ofPolicy(Unstructured matchResources, boolean any) {
        return of(
                matchResources,
                rules(matchResources, "resourceRules"),
                rules(matchResources, "excludeResourceRules"),
                any);
    }

    private static Selector of(Unstructured o, List<Rule> rules, List<Rule> excluded, boolean any) {
        return new Selector(
                LabelSelector.of(o.object("namespaceSelector")),
                LabelSelector.of(o.object("objectSelector")),
                rules,
                excluded,
                any,
                !o.string("matchPolicy").equals("Exact"));
    }

    private static List<Rule> rules(Unstructured o, String field) {
        return o.objects(field).stream().map(Rule::of).toList();
    }

    /**
     * The version in which the request is selected. Labels are compared first, but that a namespace is missing is said
     * only where a rule matches.
     *
     * @throws StatusException 404 for a namespace that there is not
     */
    public Optional<GroupVersionResource> match(AdmissionRequest request, Objects stored, Versions versions) {
        StatusException missing = null;
        try {
            if (!inNamespace(request, stored)) {
                return Optional.empty();
            }
        } catch (StatusException e) {
            missing = e;
        }
        if (!objects.isEmpty() && !labelled(request.object()) && !labelled(request.oldObject())) {
            return Optional.empty();
        }
        if (!excluded.isEmpty() && matched(excluded, request, versions).isPresent()) {
            return Optional.empty();
        }
        Optional<GroupVersionResource> matched =
                any && rules.isEmpty() ? Optional.of(request.requested()) : matched(rules, request, versions);
        if (missing != null && matched.isPresent()) {
            throw missing;
        }
        return matched;
    }

    private boolean inNamespace(AdmissionRequest request, Objects stored) {
        if (namespaces.isEmpty()) {
            return true;
        }
        Optional<Map<String, String>> labels = Requests.namespaceLabels(request, stored);
        return labels.isEmpty() || namespaces.matches(labels.get());
    }

    /** What has no metadata, such as the options of a connection, has no labels to match. */
    private boolean labelled(Unstructured object) {
        return object.has("metadata") && objects.matches(object.labels());
    }

    private Optional<GroupVersionResource> matched(List<Rule> among, AdmissionRequest request, Versions versions) {
        if (among.stream().anyMatch(r -> matches(r, request, request.requested()))) {
            return Optional.of(request.requested());
        }
        if (equivalent) {
            for (Rule rule : among) {
                for (GroupVersionResource other : versions.equivalents(request)) {
                    if (matches(rule, request, other)) {
                        return Optional.of(other);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static boolean matches(Rule rule, AdmissionRequest request, GroupVersionResource resource) {
        return rule.matches(
                request.operation(), resource, request.subresource(), Requests.namespace(request), request.name());
    }
}
