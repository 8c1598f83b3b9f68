package dev.coracle.apiserver.builtin.apiextensions;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rules for what users may define. */
final class CustomResourceRules {
    private static final String APPROVED = "api-approved.kubernetes.io";

    private final Findings findings;

    CustomResourceRules(Findings findings) {
        this.findings = findings;
    }

    void check(Unstructured o, @Nullable Unstructured old) {
        Unstructured spec = o.object("spec");
        String group = spec.string("group");
        if (group.isEmpty()) {
            findings.required("spec.group", "");
        } else {
            findings.invalid("spec.group", group, Names.subdomain(group));
            if (group.split("\\.").length < 2) {
                findings.invalid("spec.group", group, "should be a domain with at least one dot");
            }
        }
        approval(o, old, group);
        String scope = spec.string("scope");
        if (scope.isEmpty()) {
            findings.required("spec.scope", "");
        } else if (!List.of("Cluster", "Namespaced").contains(scope)) {
            findings.notSupported("spec.scope", scope, "Cluster", "Namespaced");
        }
        VersionRules versions = new VersionRules(findings, spec);
        versions.each();
        names(spec.object("names"));
        versions.common();
        if (Boolean.TRUE.equals(spec.get("preserveUnknownFields"))
                && (old == null || !old.bool("spec", "preserveUnknownFields"))) {
            findings.invalid(
                    "spec.preserveUnknownFields",
                    true,
                    "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema"
                            + " instead");
        }
        String wanted = spec.string("names", "plural") + "." + group;
        if (!o.name().equals(wanted)) {
            findings.invalid("metadata.name", o.name(), "must be spec.names.plural+\".\"+spec.group");
        }
        conversion(spec.object("conversion"));
        if (old != null) {
            update(o, old);
        }
    }

    /** Groups of the community's are its own to fill; a definition from before that was asked may stay as it is. */
    private void approval(Unstructured o, @Nullable Unstructured old, String group) {
        boolean community = List.of("k8s.io", "kubernetes.io").contains(group)
                || group.endsWith(".k8s.io")
                || group.endsWith(".kubernetes.io");
        String path = "metadata.annotations[" + APPROVED + "]";
        String value = o.annotations().getOrDefault(APPROVED, "");
        boolean asBefore = old != null && value.equals(old.annotations().getOrDefault(APPROVED, ""));
        if (!community || asBefore || value.startsWith("unapproved")) {
            return;
        }
        String start = "protected groups must have approval annotation \"" + APPROVED + "\"";
        String see = ", see https://github.com/kubernetes/enhancements/pull/1111";
        if (value.isEmpty()) {
            findings.required(path, start + see);
        } else if (!value.matches("https?://[^/\\s]+.*")) {
            findings.invalid(path, value, start + " with either a URL or a reason starting with \"unapproved\"" + see);
        }
    }

    // ---- names

    private void names(Unstructured names) {
        for (String field : List.of("plural", "singular", "kind", "listKind")) {
            String name = names.string(field);
            String path = "spec.names." + field;
            if (name.isEmpty()) {
                findings.required(path, "");
            } else {
                boolean mixed = field.toLowerCase(Locale.ROOT).endsWith("kind");
                List<String> why = Names.label1035(mixed ? name.toLowerCase(Locale.ROOT) : name);
                findings.invalid(
                        path,
                        name,
                        why.stream()
                                .map(w -> mixed ? "may have mixed case, but should otherwise match: " + w : w)
                                .toList());
            }
        }
        if (!names.string("kind").isEmpty() && names.string("kind").equals(names.string("listKind"))) {
            findings.invalid("spec.names.listKind", names.string("listKind"), "kind and listKind may not be the same");
        }
        List<String> shortNames = names.stringList("shortNames");
        for (int i = 0; i < shortNames.size(); i++) {
            findings.invalid("spec.names.shortNames[" + i + "]", shortNames.get(i), Names.label1035(shortNames.get(i)));
        }
        List<String> categories = names.stringList("categories");
        for (int i = 0; i < categories.size(); i++) {
            findings.invalid("spec.names.categories[" + i + "]", categories.get(i), Names.label1035(categories.get(i)));
        }
    }

    // ---- conversion

    /** The fields are where the form has them that upstream validates. */
    private void conversion(Unstructured conversion) {
        String strategy = conversion.string("strategy");
        Unstructured webhook = conversion.object("webhook");
        switch (strategy) {
            case "None" -> {
                if (webhook.has("clientConfig")) {
                    findings.forbidden(
                            "spec.conversion.webhookClientConfig",
                            "should not be set when strategy is not set to Webhook");
                }
                if (!webhook.stringList("conversionReviewVersions").isEmpty()) {
                    findings.forbidden(
                            "spec.conversion.conversionReviewVersions",
                            "should not be set when strategy is not set to Webhook");
                }
            }
            case "Webhook" -> {
                boolean url = webhook.has("clientConfig", "url");
                if (!webhook.has("clientConfig")) {
                    findings.required(
                            "spec.conversion.webhookClientConfig", "required when strategy is set to Webhook");
                } else if (url == webhook.has("clientConfig", "service")) {
                    findings.required(
                            "spec.conversion.webhookClientConfig", "exactly one of url or service is required");
                }
                if (webhook.stringList("conversionReviewVersions").isEmpty()) {
                    findings.required("spec.conversion.conversionReviewVersions", "");
                } else if (!webhook.stringList("conversionReviewVersions").contains("v1")
                        && !webhook.stringList("conversionReviewVersions").contains("v1beta1")) {
                    findings.invalid(
                            "spec.conversion.conversionReviewVersions",
                            webhook.get("conversionReviewVersions"),
                            "must include at least one of v1, v1beta1");
                }
            }
            default -> findings.notSupported("spec.conversion.strategy", strategy, "None", "Webhook");
        }
    }

    // ---- updates

    /** What objects are stored under cannot move once there may be some. */
    private void update(Unstructured o, Unstructured old) {
        boolean established = old.objects("status", "conditions").stream()
                .anyMatch(c -> c.string("type").equals("Established")
                        && c.string("status").equals("True"));
        if (established) {
            for (String[] path : new String[][] {{"spec", "scope"}, {"spec", "names", "kind"}}) {
                fixed(o, old, path);
            }
        }
        fixed(o, old, "spec", "group");
        fixed(o, old, "spec", "names", "plural");
        List<String> named = o.objects("spec", "versions").stream()
                .map(v -> v.string("name"))
                .toList();
        List<String> stored = o.stringList("status", "storedVersions");
        for (int i = 0; i < stored.size(); i++) {
            if (!named.contains(stored.get(i))) {
                findings.invalid(
                        "status.storedVersions[" + i + "]",
                        stored.get(i),
                        "missing from spec.versions; " + stored.get(i)
                                + " was previously a storage version, and must remain in spec.versions until a storage"
                                + " migration ensures no data remains persisted in " + stored.get(i)
                                + " and removes " + stored.get(i) + " from status.storedVersions");
            }
        }
    }

    private void fixed(Unstructured o, Unstructured old, String... path) {
        if (!Objects.equals(o.get(path), old.get(path))) {
            findings.invalid(String.join(".", path), o.get(path), Findings.IMMUTABLE);
        }
    }
}
