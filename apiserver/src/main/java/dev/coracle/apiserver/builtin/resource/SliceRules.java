package dev.coracle.apiserver.builtin.resource;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rules for ResourceSlices. */
record SliceRules(Findings findings) {
    private static final int MOST_DEVICES = 128;
    /** Where a device is tainted or takes from counters, and schedulers have more to work out. */
    private static final int MOST_OF_THESE = 64;

    private static final int MOST_SETS = 8;
    private static final String ONE_PLACE =
            "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";

    void check(Unstructured slice, @Nullable Unstructured before) {
        Unstructured spec = slice.object("spec");
        var names = new ResourceNames(findings);
        names.driver(spec.string("driver"), "spec.driver");
        pool(spec.object("pool"), names);
        if (before != null) {
            fixed(slice, before, "pool", "name");
            fixed(slice, before, "driver");
            fixed(slice, before, "nodeName");
        }
        place(spec);
        if (spec.has("sharedCounters") && spec.has("devices")) {
            findings.invalid("spec", "", "only one of `sharedCounters` or `devices` is allowed");
        }
        List<Unstructured> old = before == null ? List.of() : before.objects("spec", "devices");
        List<Unstructured> devices = spec.objects("devices");
        boolean advanced = devices.stream()
                .anyMatch(d -> !d.objects("taints").isEmpty()
                        || !d.objects("consumesCounters").isEmpty());
        var several = new Several(findings);
        var rules = new DeviceRules(findings);
        several.set(
                devices,
                advanced ? MOST_OF_THESE : MOST_DEVICES,
                "spec.devices",
                (device, at) -> rules.check(device, named(old, device), at, spec.bool("perDeviceNodeSelection")),
                device -> device.string("name"));
        several.set(
                spec.objects("sharedCounters"),
                MOST_SETS,
                "spec.sharedCounters",
                (set, at) -> rules.counters(set, "name", at),
                set -> set.string("name"));
    }

    private static Unstructured named(List<Unstructured> old, Unstructured device) {
        return old.stream()
                .filter(d -> d.string("name").equals(device.string("name")))
                .findFirst()
                .orElseGet(() -> new Unstructured(new LinkedHashMap<>()));
    }

    private void pool(Unstructured pool, ResourceNames names) {
        names.pool(pool.string("name"), "spec.pool.name");
        long slices = pool.integer(0, "resourceSliceCount");
        if (slices <= 0) {
            findings.invalid("spec.pool.resourceSliceCount", slices, "must be greater than zero");
        }
        long generation = pool.integer(0, "generation");
        if (generation < 0) {
            findings.invalid("spec.pool.generation", generation, "must be greater than or equal to zero");
        }
    }

    private void fixed(Unstructured slice, Unstructured before, String... field) {
        Object now = slice.object("spec").get(field);
        if (!Objects.equals(now, before.object("spec").get(field))) {
            findings.invalid("spec." + String.join(".", field), now, Findings.IMMUTABLE);
        }
    }

    private void place(Unstructured spec) {
        List<String> given = new ArrayList<>();
        if (spec.has("nodeName")) {
            String node = spec.string("nodeName");
            if (node.isEmpty()) {
                findings.invalid("spec.nodeName", "", "must be either unset or set to a non-empty string");
            } else {
                given.add("`nodeName`");
                findings.invalid("spec.nodeName", node, Names.subdomain(node));
            }
        }
        if (spec.has("nodeSelector")) {
            given.add("`nodeSelector`");
            new NodeSelectorRules(findings).check(spec.object("nodeSelector"), "spec.nodeSelector");
            // Several would be hard to merge when a claim has devices of several slices.
            if (spec.objects("nodeSelector", "nodeSelectorTerms").size() != 1) {
                findings.invalid(
                        "spec.nodeSelector.nodeSelectorTerms",
                        spec.get("nodeSelector", "nodeSelectorTerms"),
                        "must have exactly one node selector term");
            }
        }
        for (String flag : List.of("allNodes", "perDeviceNodeSelection")) {
            if (spec.bool(flag)) {
                given.add("`" + flag + "`");
            } else if (spec.has(flag)) {
                findings.invalid("spec." + flag, false, "must be either unset or set to true");
            }
        }
        if (given.isEmpty()) {
            findings.required("spec", ONE_PLACE);
        } else if (given.size() > 1) {
            findings.invalid("spec", "{" + String.join(", ", given) + "}", ONE_PLACE + ", but multiple fields are set");
        }
    }
}
