package dev.coracle.apiserver.builtin.resource;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rules for what keeps claims and pods off a device: taints, who tolerates them, and what binding has to wait for. */
record TaintRules(Findings findings) {
    private static final int MOST_TAINTS = 16;
    private static final int MOST_CONDITIONS = 4;
    private static final String[] EFFECTS = {"NoExecute", "NoSchedule", "None"};

    void taints(List<Unstructured> taints, String path) {
        new Several(findings).list(taints, MOST_TAINTS, path, this::taint);
    }

    private void taint(Unstructured taint, String path) {
        findings.invalid(path + ".key", taint.string("key"), Names.qualified(taint.string("key")));
        if (!taint.string("value").isEmpty()) {
            findings.invalid(path + ".value", taint.string("value"), Names.labelValue(taint.string("value")));
        }
        if (taint.string("effect").isEmpty()) {
            findings.required(path + ".effect", "");
        } else {
            effect(taint, path);
        }
    }

    void tolerations(List<Unstructured> tolerations, String path) {
        new Several(findings).list(tolerations, MOST_TAINTS, path, this::toleration);
    }

    private void toleration(Unstructured toleration, String path) {
        String key = toleration.string("key");
        if (!key.isEmpty()) {
            findings.invalid(path + ".key", key, Names.qualified(key));
        }
        String value = toleration.string("value");
        String operator = toleration.string("operator");
        switch (operator) {
            case "Exists" -> {
                if (!value.isEmpty()) {
                    findings.invalid(path + ".value", value, "must be empty for operator `Exists`");
                }
            }
            case "Equal" -> findings.invalid(path + ".value", value, Names.labelValue(value));
            case "" -> findings.required(path + ".operator", "");
            default -> findings.notSupported(path + ".operator", operator, "Equal", "Exists");
        }
        if (!toleration.string("effect").isEmpty()) {
            effect(toleration, path);
        }
    }

    private void effect(Unstructured o, String path) {
        findings.oneOf(o, path, "effect", EFFECTS);
    }

    /** Of a device, or of one that was allocated. */
    void binding(Unstructured device, String path) {
        List<String> awaited = device.stringList("bindingConditions");
        List<String> failures = device.stringList("bindingFailureConditions");
        conditions(awaited, path + ".bindingConditions");
        conditions(failures, path + ".bindingFailureConditions");
        for (int i = 0; i < failures.size(); i++) {
            if (awaited.contains(failures.get(i))) {
                findings.invalid(
                        path + ".bindingFailureConditions[" + i + "]",
                        failures.get(i),
                        "bindingFailureConditions must not overlap with bindingConditions");
            }
        }
        if (awaited.isEmpty() && !failures.isEmpty()) {
            findings.invalid(
                    path + ".bindingConditions",
                    device.get("bindingConditions"),
                    "bindingConditions are required to use bindingFailureConditions");
        }
        if (failures.isEmpty() && !awaited.isEmpty()) {
            findings.invalid(
                    path + ".bindingFailureConditions",
                    device.get("bindingFailureConditions"),
                    "bindingFailureConditions are required to use bindingConditions");
        }
    }

    private void conditions(List<String> types, String path) {
        new Several(findings)
                .list(types, MOST_CONDITIONS, path, (type, at) -> findings.invalid(at, type, Names.qualified(type)));
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < types.size(); i++) {
            if (!seen.add(types.get(i))) {
                findings.duplicate(path + "[" + i + "]", types.get(i));
            }
        }
    }
}
