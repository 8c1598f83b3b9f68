package dev.coracle.apiserver.builtin.admissionregistration;

import dev.coracle.apiserver.admission.webhook.Conditions;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules for webhooks ({@code pkg/apis/admissionregistration/validation}). */
final class WebhookRules {
    private static final String FORM = "; desired format: https://host[/path]";
    private static final List<String> REVIEWS = List.of("v1", "v1beta1");
    private static final List<String> HARMLESS = List.of("None", "NoneOnDryRun");

    private final Findings findings;
    private final RequestRules requests;
    private final boolean mutating;

    WebhookRules(Findings findings, boolean mutating) {
        this.findings = findings;
        this.requests = new RequestRules(findings);
        this.mutating = mutating;
    }

    void check(Unstructured o, @Nullable Unstructured old) {
        Set<String> names = new HashSet<>();
        List<Unstructured> webhooks = o.objects("webhooks");
        for (int i = 0; i < webhooks.size(); i++) {
            Unstructured w = webhooks.get(i);
            String path = "webhooks[" + i + "]";
            webhook(w, path);
            reviews(w.stringList("admissionReviewVersions"), path + ".admissionReviewVersions");
            String name = w.string("name");
            if (!name.isEmpty() && !names.add(name)) {
                findings.duplicate(path + ".name", name);
            }
        }
    }

    private void webhook(Unstructured w, String path) {
        name(w.string("name"), path + ".name");
        List<Unstructured> rules = w.objects("rules");
        for (int i = 0; i < rules.size(); i++) {
            requests.rule(rules.get(i), path + ".rules[" + i + "]");
        }
        findings.oneOf(w, path, "failurePolicy", "Fail", "Ignore");
        findings.oneOf(w, path, "matchPolicy", "Equivalent", "Exact");
        if (!w.has("sideEffects")) {
            findings.required(path + ".sideEffects", "must specify one of " + String.join(", ", HARMLESS));
        }
        findings.oneOf(w, path, "sideEffects", HARMLESS.toArray(String[]::new));
        long timeout = w.integer(1, "timeoutSeconds");
        if (timeout < 1 || timeout > 30) {
            findings.invalid(path + ".timeoutSeconds", timeout, "the timeout value must be between 1 and 30 seconds");
        }
        requests.selector(w.object("namespaceSelector"), path + ".namespaceSelector");
        requests.selector(w.object("objectSelector"), path + ".objectSelector");
        if (mutating) {
            findings.oneOf(w, path, "reinvocationPolicy", "IfNeeded", "Never");
        }
        client(w.object("clientConfig"), path + ".clientConfig");
        if (w.has("matchConditions")) {
            requests.conditions(w.objects("matchConditions"), Conditions.language(), path + ".matchConditions");
        }
    }

    private void name(String name, String path) {
        if (name.isEmpty()) {
            findings.required(path, "");
            return;
        }
        List<String> errors = Names.subdomain(name);
        if (!errors.isEmpty()) {
            findings.invalid(path, name, String.join(",", errors));
        } else if (name.split("\\.", -1).length < 3) {
            findings.invalid(path, name, "should be a domain with at least three segments separated by dots");
        }
    }

    private void reviews(List<String> versions, String path) {
        if (versions.isEmpty()) {
            findings.required(path, "must specify one of " + String.join(", ", REVIEWS));
            return;
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < versions.size(); i++) {
            String version = versions.get(i);
            if (!seen.add(version)) {
                findings.invalid(path + "[" + i + "]", version, "duplicate version");
                continue;
            }
            findings.invalid(path + "[" + i + "]", version, Names.label1035(version));
        }
        if (versions.stream().noneMatch(REVIEWS::contains)) {
            findings.invalid(path, versions, "must include at least one of " + String.join(", ", REVIEWS));
        }
    }

    // ---- where it is

    private void client(Unstructured client, String path) {
        if (client.has("url") == client.has("service")) {
            findings.required(path, "exactly one of url or service is required");
        } else if (client.has("url")) {
            url(client.string("url"), path + ".url");
        } else {
            service(client.object("service"), path + ".service");
        }
    }

    private void url(String text, String path) {
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            findings.required(path, "url must be a valid URL: parse \"" + text + "\": " + e.getReason() + FORM);
            return;
        }
        if (!"https".equals(url.getScheme())) {
            findings.invalid(
                    path,
                    url.getScheme() == null ? "" : url.getScheme(),
                    "'https' is the only allowed URL scheme" + FORM);
        }
        if (url.getRawAuthority() == null) {
            findings.invalid(path, "", "host must be provided" + FORM);
        }
        if (url.getRawUserInfo() != null) {
            findings.invalid(path, url.getRawUserInfo(), "user information is not permitted in the URL");
        }
        if (url.getRawFragment() != null && !url.getRawFragment().isEmpty()) {
            findings.invalid(path, url.getFragment(), "fragments are not permitted in the URL");
        }
        if (url.getRawQuery() != null && !url.getRawQuery().isEmpty()) {
            findings.invalid(path, url.getRawQuery(), "query parameters are not permitted in the URL");
        }
    }

    private void service(Unstructured service, String path) {
        if (service.string("name").isEmpty()) {
            findings.required(path + ".name", "service name is required");
        }
        if (service.string("namespace").isEmpty()) {
            findings.required(path + ".namespace", "service namespace is required");
        }
        long port = service.integer(0, "port");
        List<String> errors = Names.portNumber(port);
        if (!errors.isEmpty()) {
            findings.invalid(path + ".port", port, "port is not valid: " + String.join(", ", errors));
        }
        path(service.string("path"), path + ".path");
    }

    private void path(String text, String path) {
        if (text.isEmpty() || text.equals("/")) {
            return;
        }
        if (text.equals("//")) {
            findings.invalid(path, text, "segment[0] may not be empty");
            return;
        }
        if (!text.startsWith("/")) {
            findings.invalid(path, text, "must start with a '/'");
        }
        String rest = text.substring(1);
        String[] steps = (rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest).split("/", -1);
        for (int i = 0; i < steps.length; i++) {
            if (steps[i].isEmpty()) {
                findings.invalid(path, text, "segment[" + i + "] may not be empty");
                continue;
            }
            for (String failure : Names.subdomain(steps[i])) {
                findings.invalid(path, text, "segment[" + i + "]: " + failure);
            }
        }
    }
}
