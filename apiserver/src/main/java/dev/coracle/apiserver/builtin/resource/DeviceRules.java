package dev.coracle.apiserver.builtin.resource;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/** Rules for one device that a driver offers. */
record DeviceRules(Findings findings, ResourceNames names, Several several) {
    private static final int MOST_FACTS = 32;
    private static final int LONGEST_VALUE = 64;
    private static final int MOST_CONSUMED = 2;
    static final int MOST_COUNTERS = 32;
    /** What of a key is shown: longer ones are cut in the middle. */
    private static final int SHOWN = 63 + 1 + 32;

    private static final String PRE = "(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)";
    private static final String BUILD = "[0-9a-zA-Z-]+";
    private static final Pattern VERSION = Pattern.compile("(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(-" + PRE
            + "(\\." + PRE + ")*)?(\\+" + BUILD + "(\\." + BUILD + ")*)?");
    private static final String ONE_PLACE =
            "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to"
                    + " true in the ResourceSlice spec";

    DeviceRules(Findings findings) {
        this(findings, new ResourceNames(findings), new Several(findings));
    }

    /**
     * @param old the device of that name before; an empty one where there was none
     * @param places whether each device says for itself where it is
     */
    void check(Unstructured device, Unstructured old, String path, boolean places) {
        names.label(device.string("name"), path + ".name");
        Unstructured attributes = device.object("attributes");
        Unstructured capacity = device.object("capacity");
        int facts = attributes.map().size() + capacity.map().size();
        if (facts > MOST_FACTS) {
            findings.invalid(
                    path, facts, "the total number of attributes and capacities must not exceed " + MOST_FACTS);
        }
        map(attributes, path + ".attributes", SHOWN, names::qualified, this::attribute);
        if (!Objects.equals(device.get("capacity"), old.get("capacity"))) {
            var rules = new CapacityRules(findings);
            boolean shared = device.bool("allowMultipleAllocations");
            map(capacity, path + ".capacity", SHOWN, names::qualified, (c, at) -> rules.check(c, at, shared));
        }
        if (!Objects.equals(device.get("taints"), old.get("taints"))) {
            new TaintRules(findings).taints(device.objects("taints"), path + ".taints");
        }
        several.set(
                device.objects("consumesCounters"),
                MOST_CONSUMED,
                path + ".consumesCounters",
                (c, at) -> counters(c, "counterSet", at),
                c -> c.string("counterSet"));
        if (places) {
            place(device, path);
        } else if (device.has("nodeName") || device.has("nodeSelector") || device.has("allNodes")) {
            findings.invalid(
                    path,
                    null,
                    "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true"
                            + " in the ResourceSlice spec");
        }
        new TaintRules(findings).binding(device, path);
    }

    /** @param named the field that has the name of a set of counters */
    void counters(Unstructured set, String named, String path) {
        if (findings.needed(set, path, named)) {
            names.label(set.string(named), path + "." + named);
        }
        Unstructured counters = set.object("counters");
        if (counters.map().isEmpty()) {
            findings.required(path + ".counters", "");
        } else if (counters.map().size() > MOST_COUNTERS) {
            findings.tooMany(path + ".counters", counters.map().size(), MOST_COUNTERS);
        } else {
            map(counters, path + ".counters", 63, names::label, (c, at) -> {});
        }
    }

    private void map(
            Unstructured of,
            String path,
            int shown,
            BiConsumer<String, String> key,
            BiConsumer<Unstructured, String> rule) {
        for (String k : of.map().keySet()) {
            key.accept(k, path);
            rule.accept(of.object(k), path + "[" + cut(k, shown) + "]");
        }
    }

    private static String cut(String key, int most) {
        if (key.length() <= most) {
            return key;
        }
        int rest = most - 3;
        return key.substring(0, (rest + 1) / 2) + "..." + key.substring(key.length() - rest / 2);
    }

    private void attribute(Unstructured attribute, String path) {
        if (ResourceNames.length(attribute.string("string")) > LONGEST_VALUE) {
            findings.tooLong(path + ".string", LONGEST_VALUE);
        }
        if (attribute.has("version")) {
            String version = attribute.string("version");
            if (version.length() > 10 * LONGEST_VALUE
                    || !VERSION.matcher(version).matches()) {
                findings.invalid(path + ".version", version, "must be a string compatible with semver.org spec 2.0.0");
            }
            if (ResourceNames.length(version) > LONGEST_VALUE) {
                findings.tooLong(path + ".version", LONGEST_VALUE);
            }
        }
        long given = List.of("bool", "int", "string", "version", "bools", "ints", "strings", "versions").stream()
                .filter(attribute::has)
                .count();
        if (given != 1) {
            findings.invalid(path, given == 0 ? "" : attribute, "exactly one value must be specified");
        }
    }

    private void place(Unstructured device, String path) {
        List<String> given = new ArrayList<>();
        if (device.has("nodeName")) {
            String node = device.string("nodeName");
            if (node.isEmpty()) {
                findings.invalid(path + ".nodeName", "", "must not be empty");
            } else {
                given.add("`nodeName`");
                findings.invalid(path + ".nodeName", node, Names.subdomain(node));
            }
        }
        if (device.has("nodeSelector")) {
            given.add("`nodeSelector`");
            new NodeSelectorRules(findings).check(device.object("nodeSelector"), path + ".nodeSelector");
        }
        if (device.bool("allNodes")) {
            given.add("`allNodes`");
        } else if (device.has("allNodes")) {
            findings.invalid(path + ".allNodes", false, "must be either unset or set to true");
        }
        if (given.isEmpty()) {
            findings.required(path, ONE_PLACE);
        } else if (given.size() > 1) {
            findings.invalid(path, "{" + String.join(", ", given) + "}", ONE_PLACE);
        }
    }
}
