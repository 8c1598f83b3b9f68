package dev.coracle.apiserver.builtin.admissionregistration;

import dev.coracle.apiserver.admission.cel.Expressions;
import dev.coracle.apiserver.admission.policy.Languages;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/** Rules for policies and their bindings ({@code pkg/apis/admissionregistration/validation}). */
final class PolicyRules {
    private static final String[] REASONS = {"Forbidden", "Invalid", "RequestEntityTooLarge"};
    private static final String NOTHING = "validations or auditAnnotations must contain at least one item";
    private static final String ONE_OF_BOTH = "name and selector are mutually exclusive";

    private final Findings findings;
    private final RequestRules requests;

    PolicyRules(Findings findings) {
        this.findings = findings;
        this.requests = new RequestRules(findings);
    }

    // ---- policies

    void validating(Unstructured o) {
        Unstructured spec = o.object("spec");
        Languages languages = common(spec, Languages.of(spec.has("paramKind")));
        List<Unstructured> validations = spec.objects("validations");
        if (validations.isEmpty() && spec.objects("auditAnnotations").isEmpty()) {
            findings.required("spec.validations", NOTHING);
            findings.required("spec.auditAnnotations", NOTHING);
        }
        int i = 0;
        for (Unstructured v : validations) {
            validation(v, languages, "spec.validations[" + i++ + "]");
        }
        annotations(o.name(), spec.objects("auditAnnotations"), languages.rules());
    }

    private void annotations(String policy, List<Unstructured> annotations, Expressions language) {
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < annotations.size(); i++) {
            String path = "spec.auditAnnotations[" + i + "]";
            String key = annotations.get(i).string("key");
            String whole = policy + "/" + key;
            findings.invalid(path + ".key", whole, Names.qualified(whole));
            String text = annotations.get(i).string("valueExpression").strip();
            if (text.isEmpty()) {
                findings.required(path + ".valueExpression", "valueExpression is not specified");
            } else {
                requests.expression(language::stringOrNull, text, path + ".valueExpression");
            }
            if (!keys.add(key)) {
                findings.duplicate(path + ".key", key);
            }
        }
    }

    void mutating(Unstructured o) {
        Unstructured spec = o.object("spec");
        Expressions language =
                common(spec, Languages.ofMutations(spec.has("paramKind"))).rules();
        List<Unstructured> mutations = spec.objects("mutations");
        if (mutations.isEmpty()) {
            findings.required("spec.mutations", "mutations must contain at least one item");
        }
        int i = 0;
        for (Unstructured m : mutations) {
            mutation(m, language, "spec.mutations[" + i++ + "]");
        }
        if (spec.string("reinvocationPolicy").isEmpty()) {
            findings.required("spec.reinvocationPolicy", "");
        } else {
            findings.oneOf(spec, "spec", "reinvocationPolicy", "IfNeeded", "Never");
        }
    }

    /** What policies of both kinds have; gives the languages with the policy's variables. */
    private Languages common(Unstructured spec, Languages languages) {
        findings.oneOf(spec, "spec", "failurePolicy", "Fail", "Ignore");
        if (spec.has("paramKind")) {
            paramKind(spec.object("paramKind"));
        }
        if (!spec.has("matchConstraints")) {
            findings.required("spec.matchConstraints", "");
        } else {
            match(spec.object("matchConstraints"), "spec.matchConstraints");
            if (spec.objects("matchConstraints", "resourceRules").isEmpty()) {
                findings.required("spec.matchConstraints.resourceRules", "");
            }
        }
        requests.conditions(spec.objects("matchConditions"), languages.conditions(), "spec.matchConditions");
        int i = 0;
        Languages read = languages;
        for (Unstructured v : spec.objects("variables")) {
            variable(v, read.rules(), "spec.variables[" + i++ + "]");
            read = read.and(v.string("name"), v.string("expression"));
        }
        return read;
    }

    private void mutation(Unstructured m, Expressions language, String path) {
        switch (m.string("patchType")) {
            case "" -> findings.required(path + ".patchType", "");
            case "JSONPatch" -> patch(m, "jsonPatch", "applyConfiguration", language::patches, path);
            case "ApplyConfiguration" -> patch(m, "applyConfiguration", "jsonPatch", language::object, path);
            default ->
                findings.notSupported(path + ".patchType", m.string("patchType"), "ApplyConfiguration", "JSONPatch");
        }
    }

    private void patch(Unstructured m, String field, String other, Consumer<String> compiler, String path) {
        String type = m.string("patchType");
        if (!m.has(field)) {
            findings.required(path + "." + field, "must be specified when patchType is " + type);
        } else if (m.string(field, "expression").isBlank()) {
            findings.required(path + "." + field + ".expression", "");
        } else {
            requests.expression(compiler, m.string(field, "expression").strip(), path + "." + field + ".expression");
        }
        if (m.has(other)) {
            findings.invalid(path + "." + other, "{" + other + "}", "must not be specified when patchType is " + type);
        }
    }

    private void paramKind(Unstructured kind) {
        String version = kind.string("apiVersion");
        if (version.isEmpty()) {
            findings.required("spec.paramKind.apiVersion", "");
        } else {
            int slash = version.indexOf('/');
            if (version.indexOf('/', slash + 1) > 0 && slash > 0) {
                findings.invalid("spec.paramKind.apiVersion", version, "unexpected GroupVersion string: " + version);
            } else {
                List<String> errors = Names.label1035(version.substring(slash + 1));
                if (!errors.isEmpty()) {
                    findings.invalid(
                            "spec.paramKind.apiVersion", version.substring(slash + 1), String.join(",", errors));
                }
            }
        }
        String name = kind.string("kind");
        if (name.isEmpty()) {
            findings.required("spec.paramKind.kind", "");
        } else {
            List<String> errors = Names.label1035(name.toLowerCase(Locale.ROOT));
            if (!errors.isEmpty()) {
                findings.invalid(
                        "spec.paramKind.kind",
                        name,
                        "may have mixed case, but should otherwise match: " + String.join(",", errors));
            }
        }
    }

    private void match(Unstructured match, String path) {
        findings.oneOf(match, path, "matchPolicy", "Equivalent", "Exact");
        requests.selector(match.object("namespaceSelector"), path + ".namespaceSelector");
        requests.selector(match.object("objectSelector"), path + ".objectSelector");
        for (String field : List.of("resourceRules", "excludeResourceRules")) {
            int i = 0;
            for (Unstructured rule : match.objects(field)) {
                String at = path + "." + field + "[" + i++ + "]";
                names(rule.stringList("resourceNames"), at + ".resourceNames");
                requests.rule(rule, at);
            }
        }
    }

    private void names(List<String> names, String path) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < names.size(); i++) {
            findings.invalid(path + "[" + i + "]", names.get(i), Names.pathSegment(names.get(i)));
            if (!seen.add(names.get(i))) {
                findings.duplicate(path + "[" + i + "]", names.get(i));
            }
        }
    }

    private void variable(Unstructured v, Expressions language, String path) {
        String name = v.string("name");
        if (name.isBlank()) {
            findings.required(path + ".name", "name is not specified");
        } else if (!name.matches("[_a-zA-Z][_a-zA-Z0-9]*")) {
            findings.invalid(path + ".name", name, "name is not a valid CEL identifier");
        }
        String text = v.string("expression");
        if (text.isBlank()) {
            findings.required(path + ".expression", "expression is not specified");
        } else {
            requests.expression(language::any, text, path + ".expression");
        }
    }

    private void validation(Unstructured v, Languages languages, String path) {
        String text = v.string("expression");
        if (text.isBlank()) {
            findings.required(path + ".expression", "expression is not specified");
        } else {
            requests.expression(languages.rules()::bool, text, path + ".expression");
        }
        String made = v.string("messageExpression");
        if (!made.isEmpty() && made.isBlank()) {
            findings.invalid(path + ".messageExpression", made, "must be non-empty if specified");
        } else if (!made.isEmpty()) {
            requests.expression(languages.messages()::string, made, path + ".messageExpression");
        }
        String message = v.string("message");
        if (!message.isEmpty() && message.isBlank()) {
            findings.invalid(path + ".message", message, "message must be non-empty if specified");
        } else if (message.strip().contains("\n")) {
            findings.invalid(path + ".message", message, "message must not contain line breaks");
        }
        findings.oneOf(v, path, "reason", REASONS);
    }

    // ---- bindings

    void validatingBinding(Unstructured o) {
        binding(o);
        Unstructured spec = o.object("spec");
        List<String> actions = spec.stringList("validationActions");
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < actions.size(); i++) {
            String at = "spec.validationActions[" + i + "]";
            if (!List.of("Audit", "Deny", "Warn").contains(actions.get(i))) {
                findings.notSupported(at, actions.get(i), "Audit", "Deny", "Warn");
            }
            if (!seen.add(actions.get(i))) {
                findings.duplicate(at, actions.get(i));
            }
        }
        if (seen.contains("Deny") && seen.contains("Warn")) {
            findings.invalid(
                    "spec.validationActions",
                    actions,
                    "must not contain both Deny and Warn (repeating the same validation failure information in the API"
                            + " response and headers serves no purpose)");
        }
        if (seen.isEmpty()) {
            findings.required("spec.validationActions", "at least one validation action is required");
        }
    }

    void binding(Unstructured o) {
        Unstructured spec = o.object("spec");
        String policy = spec.string("policyName");
        if (policy.isEmpty()) {
            findings.required("spec.policyName", "");
        } else {
            findings.invalid("spec.policyName", policy, Names.subdomain(policy));
        }
        if (spec.has("paramRef")) {
            paramRef(spec.object("paramRef"));
        }
        if (spec.has("matchResources")) {
            match(spec.object("matchResources"), "spec.matchResources");
        }
    }

    private void paramRef(Unstructured ref) {
        String name = ref.string("name");
        boolean selects = ref.has("selector");
        if (!name.isEmpty()) {
            findings.invalid("spec.paramRef.name", name, Names.pathSegment(name));
            if (selects) {
                findings.forbidden("spec.paramRef.name", ONE_OF_BOTH);
                findings.forbidden("spec.paramRef.selector", ONE_OF_BOTH);
            }
        } else if (!selects) {
            findings.required("spec.paramRef", "one of name or selector must be specified");
        }
        requests.selector(ref.object("selector"), "spec.paramRef.selector");
        if (ref.string("parameterNotFoundAction").isEmpty()) {
            findings.required("spec.paramRef.parameterNotFoundAction", "");
        } else {
            findings.oneOf(ref, "spec.paramRef", "parameterNotFoundAction", "Allow", "Deny");
        }
    }
}
