package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.NodeInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes down what was chosen, as {@code status.allocation} of a claim has it. */
final class Allocation {
    private Allocation() {}

    static Unstructured of(Search.Chosen chosen, NodeInfo node, Entropy entropy) {
        Unstructured allocation = new Unstructured(new LinkedHashMap<>());
        List<Object> results = new ArrayList<>();
        for (Search.Choice choice : chosen.devices()) {
            results.add(result(choice, entropy));
        }
        allocation.set(results, "devices", "results");
        List<Object> config = config(chosen);
        allocation.set(config.isEmpty() ? null : config, "devices", "config");
        return allocation.set(nodeSelector(chosen.devices(), node), "nodeSelector");
    }

    private static Unstructured result(Search.Choice choice, Entropy entropy) {
        Device device = choice.device();
        Ask ask = choice.ask();
        Unstructured result = new Unstructured(new LinkedHashMap<>())
                .set(ask.fullName(), "request")
                .set(device.id.driver(), "driver")
                .set(device.id.pool(), "pool")
                .set(device.id.device(), "device")
                .set(ask.admin() ? true : null, "adminAccess")
                .set(ask.tolerated().isEmpty() ? null : ask.tolerated(), "tolerations")
                .set(device.get("bindingConditions"), "bindingConditions")
                .set(device.get("bindingFailureConditions"), "bindingFailureConditions");
        if (device.isShared) {
            result.set(entropy.uuid().toString(), "shareID");
            choice.share().forEach((capacity, amount) -> result.set(amount.toString(), "consumedCapacity", capacity));
        }
        return result;
    }

    /** What drivers are told: first what the classes of the requests say, each once, then what the claim says of them. */
    private static List<Object> config(Search.Chosen chosen) {
        int requests = chosen.asks().size();
        List<Object> all = new ArrayList<>();
        Map<String, List<Ask>> byClass = new LinkedHashMap<>();
        chosen.asks()
                .forEach(a -> byClass.computeIfAbsent(a.deviceClass().name(), c -> new ArrayList<>())
                        .add(a));
        for (List<Ask> asks : byClass.values()) {
            List<String> names = asks.stream().map(Ask::fullName).toList();
            for (Unstructured c : asks.getFirst().deviceClass().objects("spec", "config")) {
                all.add(config("FromClass", names, requests, c));
            }
        }
        for (Unstructured c : chosen.claim().claim().objects("spec", "devices", "config")) {
            List<String> names = c.stringList("requests");
            if (names.isEmpty()) {
                all.add(config("FromClaim", names, requests, c));
            }
            chosen.asks().stream()
                    .filter(a -> a.isAmong(names))
                    .forEach(a -> all.add(config("FromClaim", names, requests, c)));
        }
        return all;
    }

    /** One that is for all requests names none. */
    private static Map<String, Object> config(String source, List<String> names, int requests, Unstructured from) {
        return new Unstructured(new LinkedHashMap<>())
                .set(source, "source")
                .set(names.isEmpty() || names.size() == requests ? null : names, "requests")
                .set(from.get("opaque"), "opaque")
                .map();
    }

    /** From where all the devices can be used; null for everywhere. */
    private static @Nullable Unstructured nodeSelector(List<Search.Choice> choices, NodeInfo node) {
        Set<Object> fields = new LinkedHashSet<>();
        Set<Object> labels = new LinkedHashSet<>();
        for (Search.Choice choice : choices) {
            Place place = choice.device().place;
            if (place instanceof Place.OnNode || choice.device().bindsToNode()) {
                return selector(Set.of(requirement(node.name())), Set.of());
            }
            if (place instanceof Place.Selected s) {
                s.term().objects("matchFields").forEach(r -> fields.add(r.map()));
                s.term().objects("matchExpressions").forEach(r -> labels.add(r.map()));
            }
        }
        return fields.isEmpty() && labels.isEmpty() ? null : selector(fields, labels);
    }

    private static Unstructured selector(Set<?> fields, Set<?> labels) {
        Unstructured term = new Unstructured(new LinkedHashMap<>())
                .set(fields.isEmpty() ? null : List.copyOf(fields), "matchFields")
                .set(labels.isEmpty() ? null : List.copyOf(labels), "matchExpressions");
        return new Unstructured(new LinkedHashMap<>()).set(List.of(term), "nodeSelectorTerms");
    }

    private static Map<String, Object> requirement(String node) {
        return new Unstructured(new LinkedHashMap<>())
                .set("metadata.name", "key")
                .set("In", "operator")
                .set(List.of(node), "values")
                .map();
    }
}
