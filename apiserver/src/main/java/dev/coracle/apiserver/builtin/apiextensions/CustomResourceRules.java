package dev.coracle.apiserver.builtin.apiextensions;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.structural.SchemaRules;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules for what users may define. */
final class CustomResourceRules {
    private static final Set<String> TYPES = Set.of("integer", "number", "string", "boolean", "date");
    private static final Set<String> FORMATS =
            Set.of("int32", "int64", "float", "double", "byte", "date", "date-time", "password");
    private static final String APPROVED = "api-approved.kubernetes.io";
    private static final int MAX_COLUMNS = 64;
    private static final int MAX_SELECTABLE = 8;

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
        versions(spec);
        names(spec.object("names"));
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
                findings.invalid(path, name, Names.label(field.endsWith("ind") ? name.toLowerCase(Locale.ROOT) : name));
            }
        }
        if (!names.string("kind").isEmpty() && names.string("kind").equals(names.string("listKind"))) {
            findings.invalid("spec.names.listKind", names.string("listKind"), "kind and listKind may not be the same");
        }
        List<String> shortNames = names.stringList("shortNames");
        for (int i = 0; i < shortNames.size(); i++) {
            findings.invalid("spec.names.shortNames[" + i + "]", shortNames.get(i), Names.label(shortNames.get(i)));
        }
        List<String> categories = names.stringList("categories");
        for (int i = 0; i < categories.size(); i++) {
            findings.invalid("spec.names.categories[" + i + "]", categories.get(i), Names.label(categories.get(i)));
        }
    }

    // ---- versions

    private void versions(Unstructured spec) {
        List<Unstructured> versions = spec.objects("versions");
        if (versions.isEmpty()) {
            findings.required("spec.versions", "");
            return;
        }
        Set<String> seen = new HashSet<>();
        long stored = 0;
        for (int i = 0; i < versions.size(); i++) {
            Unstructured v = versions.get(i);
            String path = "spec.versions[" + i + "]";
            String name = v.string("name");
            findings.invalid(path + ".name", name, Names.label(name));
            if (!seen.add(name)) {
                findings.invalid("spec.versions", name, "must contain unique version names");
            }
            stored += v.bool("storage") ? 1 : 0;
            version(v, path);
        }
        if (stored != 1) {
            findings.invalid("spec.versions", null, "must have exactly one version marked as storage version");
        }
        if (versions.stream().noneMatch(v -> v.bool("served"))) {
            findings.invalid("spec.versions", null, "must have at least one version that is served");
        }
    }

    private void version(Unstructured v, String path) {
        if (v.has("deprecationWarning") && !v.bool("deprecated")) {
            findings.invalid(
                    path + ".deprecationWarning",
                    v.string("deprecationWarning"),
                    "can only be set for deprecated versions");
        }
        if (!v.has("schema", "openAPIV3Schema")) {
            findings.required(path + ".schema.openAPIV3Schema", "schemas are required");
        } else {
            SchemaRules.check(findings, v.object("schema", "openAPIV3Schema").map(), path + ".schema.openAPIV3Schema");
        }
        List<Unstructured> columns = v.objects("additionalPrinterColumns");
        if (columns.size() > MAX_COLUMNS) {
            findings.tooMany(path + ".additionalPrinterColumns", columns.size(), MAX_COLUMNS);
        }
        for (int i = 0; i < columns.size(); i++) {
            column(columns.get(i), path + ".additionalPrinterColumns[" + i + "]");
        }
        List<Unstructured> fields = v.objects("selectableFields");
        if (fields.size() > MAX_SELECTABLE) {
            findings.tooMany(path + ".selectableFields", fields.size(), MAX_SELECTABLE);
        }
        if (v.has("subresources", "scale")) {
            for (String field : List.of("specReplicasPath", "statusReplicasPath")) {
                String at = v.string("subresources", "scale", field);
                String start = field.startsWith("spec") ? ".spec." : ".status.";
                if (at.isEmpty()) {
                    findings.required(path + ".subresources.scale." + field, "");
                } else if (!at.startsWith(start)) {
                    findings.invalid(
                            path + ".subresources.scale." + field,
                            at,
                            "should be a json path under " + start.substring(0, start.length() - 1));
                }
            }
        }
    }

    private void column(Unstructured c, String path) {
        if (c.string("name").isEmpty()) {
            findings.required(path + ".name", "");
        }
        String type = c.string("type");
        if (type.isEmpty()) {
            findings.required(path + ".type", "must be one of boolean,date,integer,number,string");
        } else if (!TYPES.contains(type)) {
            findings.invalid(path + ".type", type, "must be one of boolean,date,integer,number,string");
        }
        String format = c.string("format");
        if (!format.isEmpty() && !FORMATS.contains(format)) {
            findings.invalid(
                    path + ".format",
                    format,
                    "must be one of "
                            + String.join(",", FORMATS.stream().sorted().toList()));
        }
        if (c.string("jsonPath").isEmpty()) {
            findings.required(path + ".jsonPath", "");
        }
    }

    // ---- conversion

    private void conversion(Unstructured conversion) {
        String strategy = conversion.string("strategy");
        Unstructured webhook = conversion.object("webhook");
        switch (strategy) {
            case "None" -> {
                if (conversion.has("webhook")) {
                    findings.forbidden(
                            "spec.conversion.webhook", "should not be set when strategy is not set to Webhook");
                }
            }
            case "Webhook" -> {
                boolean url = webhook.has("clientConfig", "url");
                if (!webhook.has("clientConfig")) {
                    findings.required(
                            "spec.conversion.webhook.clientConfig", "required when strategy is set to Webhook");
                } else if (url == webhook.has("clientConfig", "service")) {
                    findings.required(
                            "spec.conversion.webhook.clientConfig", "exactly one of url or service is required");
                }
                if (webhook.stringList("conversionReviewVersions").isEmpty()) {
                    findings.required("spec.conversion.webhook.conversionReviewVersions", "");
                } else if (!webhook.stringList("conversionReviewVersions").contains("v1")
                        && !webhook.stringList("conversionReviewVersions").contains("v1beta1")) {
                    findings.invalid(
                            "spec.conversion.webhook.conversionReviewVersions",
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
