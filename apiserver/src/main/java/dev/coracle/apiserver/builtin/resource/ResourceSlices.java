package dev.coracle.apiserver.builtin.resource;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.LinkedHashMap;
import java.util.List;

/** Devices that a driver offers, on one node or on several. */
public final class ResourceSlices {
    /** Of values that are lists, and behind a gate that is closed by default. */
    private static final List<String> LISTS = List.of("bools", "ints", "strings", "versions");

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "resource.k8s.io", "v1", "ResourceSlice", "resourceslices")
            .amounts(ResourceSlices::amounts)
            .rules((findings, o, old) -> new SliceRules(findings).check(o, old))
            .generations()
            .created(ResourceSlices::begin)
            .updated(ResourceSlices::follow)
            .selectable("spec.nodeName", "spec.driver")
            .columns(
                    NAME,
                    text("Node", "spec", "nodeName"),
                    text("Driver", "spec", "driver"),
                    text("Pool", "spec", "pool", "name"),
                    AGE)
            .build();

    private ResourceSlices() {}

    private static void amounts(Unstructured o) {
        for (Unstructured set : o.objects("spec", "sharedCounters")) {
            counters(set);
        }
        for (Unstructured device : o.objects("spec", "devices")) {
            device.objects("consumesCounters").forEach(ResourceSlices::counters);
            Unstructured capacity = device.object("capacity");
            for (String name : capacity.map().keySet()) {
                Unstructured c = capacity.object(name);
                Amounts.map(c, "value");
                Amounts.map(c, "requestPolicy", "default");
                Amounts.map(c, "requestPolicy", "validRange");
                if (c.has("requestPolicy", "validValues")) {
                    c.set(
                            c.stringList("requestPolicy", "validValues").stream()
                                    .map(v -> (Object) Quantity.parse(v).toString())
                                    .toList(),
                            "requestPolicy",
                            "validValues");
                }
            }
        }
    }

    private static void counters(Unstructured set) {
        Unstructured counters = set.object("counters");
        counters.map().keySet().forEach(name -> Amounts.map(counters.object(name), "value"));
    }

    private static void begin(Unstructured o) {
        Object now = o.get("metadata", "creationTimestamp");
        for (Unstructured device : o.objects("spec", "devices")) {
            dropGated(device, new Unstructured(new LinkedHashMap<>()));
            for (Unstructured taint : device.objects("taints")) {
                if (!taint.has("timeAdded")) {
                    taint.set(now, "timeAdded");
                }
            }
        }
    }

    /** A taint that is written again without its time has been there all along. */
    private static void follow(Unstructured next, Unstructured old) {
        for (Unstructured device : next.objects("spec", "devices")) {
            Unstructured before = old.objects("spec", "devices").stream()
                    .filter(d -> d.string("name").equals(device.string("name")))
                    .findFirst()
                    .orElseGet(() -> new Unstructured(new LinkedHashMap<>()));
            dropGated(device, before);
            for (Unstructured taint : device.objects("taints")) {
                if (!taint.has("timeAdded")) {
                    before.objects("taints").stream()
                            .filter(t -> t.copy().remove("timeAdded").equals(taint))
                            .findFirst()
                            .ifPresent(t -> taint.set(t.get("timeAdded"), "timeAdded"));
                }
            }
        }
    }

    private static void dropGated(Unstructured device, Unstructured before) {
        if (!before.has("nodeAllocatableResourceMappings")) {
            device.remove("nodeAllocatableResourceMappings");
        }
        Unstructured attributes = device.object("attributes");
        attributes
                .map()
                .keySet()
                .forEach(name -> LISTS.forEach(list -> {
                    if (attributes.has(name, list)) {
                        attributes.object(name).map().remove(list);
                    }
                }));
    }
}
