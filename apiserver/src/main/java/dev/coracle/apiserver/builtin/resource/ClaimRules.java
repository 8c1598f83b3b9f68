package dev.coracle.apiserver.builtin.resource;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** Rules for what is asked of devices: requests, what their devices must have in common, and what drivers are told. */
record ClaimRules(Findings findings, ResourceNames names, Several several, TaintRules taints) {
    static final int MOST = 32;
    private static final int MOST_ALTERNATIVES = 8;
    private static final int LONGEST_EXPRESSION = 10 * 1024;
    static final int LONGEST_PARAMETERS = 10 * 1024;
    private static final String NO_REQUEST =
            "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

    ClaimRules(Findings findings) {
        this(findings, new ResourceNames(findings), new Several(findings), new TaintRules(findings));
    }

    /** @param devices {@code spec.devices} of a claim */
    void check(Unstructured devices, String path) {
        RequestNames requests = RequestNames.of(devices);
        several.set(devices.objects("requests"), MOST, path + ".requests", this::request, r -> r.string("name"));
        several.list(
                devices.objects("constraints"),
                MOST,
                path + ".constraints",
                (constraint, at) -> constraint(constraint, at, requests));
        several.list(devices.objects("config"), MOST, path + ".config", (config, at) -> {
            references(config.stringList("requests"), at + ".requests", requests);
            configuration(config, at, false);
        });
    }

    private void request(Unstructured request, String path) {
        names.label(request.string("name"), path + ".name");
        List<Unstructured> alternatives = request.objects("firstAvailable");
        if (request.has("exactly") && !alternatives.isEmpty()) {
            findings.invalid(
                    path,
                    null,
                    "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set");
        } else if (request.has("exactly")) {
            asked(request.object("exactly"), path + ".exactly");
        } else if (alternatives.isEmpty()) {
            findings.required(path, "exactly one of `exactly` or `firstAvailable` is required");
        } else {
            several.set(
                    alternatives,
                    MOST_ALTERNATIVES,
                    path + ".firstAvailable",
                    (sub, at) -> {
                        names.label(sub.string("name"), at + ".name");
                        asked(sub, at);
                    },
                    sub -> sub.string("name"));
        }
    }

    private void asked(Unstructured request, String path) {
        names.deviceClass(request.string("deviceClassName"), path + ".deviceClassName");
        selectors(request.objects("selectors"), path + ".selectors", false);
        String mode = request.string("allocationMode");
        long count = request.integer(0, "count");
        switch (mode) {
            case "All" -> {
                if (count != 0) {
                    findings.invalid(
                            path + ".count", count, "must not be specified when allocationMode is '" + mode + "'");
                }
            }
            case "ExactCount" -> {
                if (count <= 0) {
                    findings.invalid(path + ".count", count, "must be greater than zero");
                }
            }
            default -> findings.notSupported(path + ".allocationMode", mode, "All", "ExactCount");
        }
        taints.tolerations(request.objects("tolerations"), path + ".tolerations");
    }

    /** @param stored whether they were judged before: then they are as good as they were */
    void selectors(List<Unstructured> selectors, String path, boolean stored) {
        several.list(selectors, MOST, path, (selector, at) -> {
            if (!selector.has("cel")) {
                findings.required(at + ".cel", "");
            } else if (!stored) {
                expression(selector.string("cel", "expression"), at + ".cel.expression");
            }
        });
    }

    private void expression(String expression, String path) {
        if (ResourceNames.length(expression) > LONGEST_EXPRESSION) {
            findings.tooLong(path, LONGEST_EXPRESSION);
            return;
        }
        DeviceExpressions.check(findings, expression, path);
    }

    private void constraint(Unstructured constraint, String path, RequestNames requests) {
        references(constraint.stringList("requests"), path + ".requests", requests);
        if (constraint.has("matchAttribute")) {
            names.fullyQualified(constraint.string("matchAttribute"), path + ".matchAttribute");
        } else if (constraint.has("distinctAttribute")) {
            names.fullyQualified(constraint.string("distinctAttribute"), path + ".distinctAttribute");
        } else {
            // Upstream says so, though none is set.
            findings.required(
                    path,
                    "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple fields are set");
        }
    }

    /** Names of requests, each of them once. */
    void references(List<String> to, String path, RequestNames requests) {
        several.set(to, MOST, path, (name, at) -> reference(name, at, requests), name -> name);
    }

    void reference(String name, String path, RequestNames requests) {
        String[] parts = name.split("/", -1);
        if (parts.length > 2) {
            findings.invalid(path, name, NO_REQUEST);
            return;
        }
        for (String part : parts) {
            findings.invalid(path, part, Names.label(part));
        }
        if (!requests.has(name)) {
            findings.invalid(path, name, NO_REQUEST);
        }
    }

    void configuration(Unstructured config, String path, boolean stored) {
        if (!config.has("opaque")) {
            findings.required(path + ".opaque", "");
            return;
        }
        names.driver(config.string("opaque", "driver"), path + ".opaque.driver");
        names.raw(config.get("opaque", "parameters"), path + ".opaque.parameters", stored, LONGEST_PARAMETERS);
    }
}
