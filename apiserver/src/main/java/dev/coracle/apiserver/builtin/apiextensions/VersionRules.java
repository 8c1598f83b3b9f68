package dev.coracle.apiserver.builtin.apiextensions;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.structural.SchemaRules;
import dev.coracle.apiserver.structural.SelectableFields;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Rules for the versions of a definition. Upstream validates a form in which what all versions have alike stands once,
 * beside the versions: a schema that is wrong in all of them, be there only one, is so at {@code spec.validation}.
 */
final class VersionRules {
    private static final Set<String> TYPES = Set.of("integer", "number", "string", "boolean", "date");
    private static final Set<String> FORMATS =
            Set.of("int32", "int64", "float", "double", "byte", "date", "date-time", "password");
    private static final int MAX_COLUMNS = 64;
    private static final int MAX_WARNING = 256;

    private final Findings findings;
    private final List<Unstructured> versions;

    VersionRules(Findings findings, Unstructured spec) {
        this.findings = findings;
        this.versions = spec.objects("versions");
    }

    /** Whether all versions have the same there. */
    private boolean alike(String field) {
        return versions.stream()
                .allMatch(v -> Objects.equals(v.get(field), versions.getFirst().get(field)));
    }

    /** What is said of each version. */
    void each() {
        if (versions.isEmpty()) {
            findings.required("spec.versions", "");
            return;
        }
        for (int i = 0; i < versions.size(); i++) {
            if (!versions.get(i).has("schema", "openAPIV3Schema")) {
                findings.required("spec.versions[" + i + "].schema.openAPIV3Schema", "schemas are required");
            }
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < versions.size(); i++) {
            Unstructured v = versions.get(i);
            String path = "spec.versions[" + i + "]";
            String name = v.string("name");
            findings.invalid(path + ".name", name, Names.label1035(name));
            if (!seen.add(name)) {
                findings.invalid("spec.versions", name, "must contain unique version names");
            }
            warning(v, path + ".deprecationWarning");
            if (!alike("schema")) {
                schema(v, v.has("subresources", "status"), path + ".schema");
            }
            if (!alike("subresources")) {
                scale(v, path);
            }
            if (!alike("additionalPrinterColumns")) {
                columns(v, path);
            }
            if (!alike("selectableFields")) {
                selectable(v, path);
            }
        }
        if (versions.stream().filter(v -> v.bool("storage")).count() != 1) {
            findings.invalid("spec.versions", null, "must have exactly one version marked as storage version");
        }
        if (versions.stream().noneMatch(v -> v.bool("served"))) {
            findings.invalid("spec.versions", null, "must have at least one version that is served");
        }
    }

    /** What is said of all versions at once. */
    void common() {
        if (versions.isEmpty()) {
            return;
        }
        Unstructured any = versions.getFirst();
        if (alike("schema")) {
            schema(any, versions.stream().anyMatch(v -> v.has("subresources", "status")), "spec.validation");
        }
        if (alike("subresources")) {
            scale(any, "spec");
        }
        if (alike("additionalPrinterColumns")) {
            columns(any, "spec");
        }
        if (alike("selectableFields")) {
            selectable(any, "spec");
        }
    }

    private void warning(Unstructured v, String path) {
        if (!(v.get("deprecationWarning") instanceof String warning)) {
            return;
        }
        if (!v.bool("deprecated")) {
            findings.invalid(path, warning, "can only be set for deprecated versions");
            return;
        }
        if (warning.length() > MAX_WARNING) {
            findings.invalid(path, warning, "must be <= 256 characters long");
        }
        if (warning.isEmpty()) {
            findings.invalid(path, warning, "must not be an empty string");
        }
        for (int i = 0; i < warning.length(); i++) {
            if (Character.isISOControl(warning.charAt(i))) {
                findings.invalid(
                        path,
                        warning,
                        "must only contain printable UTF-8 characters; non-printable character found at index " + i);
                return;
            }
        }
    }

    private void schema(Unstructured v, boolean status, String path) {
        if (!v.has("schema", "openAPIV3Schema")) {
            return;
        }
        Unstructured schema = v.object("schema", "openAPIV3Schema");
        if (status) {
            SchemaRules.checkWithStatus(findings, schema.map(), path + ".openAPIV3Schema");
        }
        SchemaRules.check(findings, schema.map(), path + ".openAPIV3Schema");
    }

    private void scale(Unstructured v, String path) {
        if (!v.has("subresources", "scale")) {
            return;
        }
        Unstructured scale = v.object("subresources", "scale");
        String at = path + ".subresources.scale.";
        under(scale.string("specReplicasPath"), at + "specReplicasPath", ".spec");
        under(scale.string("statusReplicasPath"), at + "statusReplicasPath", ".status");
        String selector = scale.string("labelSelectorPath");
        if (!selector.isEmpty()
                && dotted(selector, at + "labelSelectorPath")
                && !selector.startsWith(".spec.")
                && !selector.startsWith(".status.")) {
            findings.invalid(at + "labelSelectorPath", selector, "should be a json path under either .spec or .status");
        }
    }

    private void under(String jsonPath, String path, String start) {
        if (jsonPath.isEmpty()) {
            findings.required(path, "");
        } else if (dotted(jsonPath, path) && !jsonPath.startsWith(start + ".")) {
            findings.invalid(path, jsonPath, "should be a json path under " + start);
        }
    }

    private boolean dotted(String jsonPath, String path) {
        if (jsonPath.startsWith(".")) {
            return true;
        }
        findings.invalid(path, jsonPath, "must be a simple json path starting with .");
        return false;
    }

    private void columns(Unstructured v, String path) {
        List<Unstructured> columns = v.objects("additionalPrinterColumns");
        if (columns.size() > MAX_COLUMNS) {
            findings.tooMany(path + ".additionalPrinterColumns", columns.size(), MAX_COLUMNS);
        }
        for (int i = 0; i < columns.size(); i++) {
            column(columns.get(i), path + ".additionalPrinterColumns[" + i + "]");
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
            String all = String.join(",", FORMATS.stream().sorted().toList());
            findings.invalid(path + ".format", format, "must be one of " + all);
        }
        if (c.string("jsonPath").isEmpty()) {
            findings.required(path + ".JSONPath", "");
        } else {
            dotted(c.string("jsonPath"), path + ".JSONPath");
        }
    }

    private void selectable(Unstructured v, String path) {
        if (v.has("selectableFields") && v.has("schema", "openAPIV3Schema")) {
            SelectableFields.check(
                    findings,
                    v.object("schema", "openAPIV3Schema").map(),
                    v.objects("selectableFields").stream()
                            .map(f -> f.string("jsonPath"))
                            .toList(),
                    path + ".selectableFields");
        }
    }
}
