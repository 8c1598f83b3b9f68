package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import dev.coracle.scheduler.framework.PluginFailure;
import dev.coracle.scheduler.framework.Taint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One way in which a request of a claim can be met: the request itself, or one of those of which the first is taken that can be
 * had.
 *
 * @param claim as messages name it
 * @param parent the request whose alternative it is; {@code ""} when it is the request itself
 * @param deviceClass the class that it names
 * @param all whether it wants every device there is, on the node
 * @param admin whether it looks at devices that others have, too
 * @param capacities how much it wants of them
 */
record Ask(
        String claim,
        String parent,
        String name,
        Unstructured deviceClass,
        List<String> selectors,
        boolean all,
        long count,
        boolean admin,
        List<Taint.Toleration> tolerations,
        List<Unstructured> tolerated,
        Map<String, Quantity> capacities) {
    /** As results and configurations name it. */
    String fullName() {
        return parent.isEmpty() ? name : parent + "/" + name;
    }

    /** Whether a list of names of requests means it. */
    boolean isAmong(List<String> requests) {
        return requests.contains(fullName()) || !parent.isEmpty() && requests.contains(parent);
    }

    /** What one claim asks: for each request the ways in which it can be met. */
    record Claim(Unstructured claim, List<List<Ask>> requests) {
        static Claim of(Unstructured claim, Function<String, Optional<Unstructured>> classes) {
            String name = claim.namespace() + "/" + claim.name();
            List<List<Ask>> requests = new ArrayList<>();
            for (Unstructured r : claim.objects("spec", "devices", "requests")) {
                if (r.has("exactly")) {
                    requests.add(List.of(Ask.of(name, "", r.string("name"), r.object("exactly"), classes)));
                    continue;
                }
                List<Ask> alternatives = new ArrayList<>();
                for (Unstructured sub : r.objects("firstAvailable")) {
                    alternatives.add(Ask.of(name, r.string("name"), sub.string("name"), sub, classes));
                }
                requests.add(alternatives);
            }
            return new Claim(claim, requests);
        }

        String name() {
            return claim.namespace() + "/" + claim.name();
        }
    }

    private static Ask of(
            String claim,
            String parent,
            String name,
            Unstructured asked,
            Function<String, Optional<Unstructured>> classes) {
        String mode = asked.string("allocationMode");
        if (!mode.equals("All") && !mode.equals("ExactCount")) {
            throw new PluginFailure("claim " + claim + ", request " + name + ": unsupported count mode " + mode);
        }
        String named = asked.string("deviceClassName");
        Unstructured deviceClass = classes.apply(named)
                .orElseThrow(() -> new PluginFailure("claim " + claim + ", request " + name
                        + ": could not retrieve device class " + named + ": deviceclass.resource.k8s.io \"" + named
                        + "\" not found"));
        List<Taint.Toleration> tolerations = new ArrayList<>();
        for (Unstructured t : asked.objects("tolerations")) {
            tolerations.add(new Taint.Toleration(
                    t.string("key"), t.string("operator").equals("Exists"), t.string("value"), t.string("effect")));
        }
        Map<String, Quantity> capacities = new LinkedHashMap<>();
        asked.object("capacity", "requests").map().forEach((k, v) -> capacities.put(k, Quantity.of(v)));
        return new Ask(
                claim,
                parent,
                name,
                deviceClass,
                expressions(asked.objects("selectors")),
                mode.equals("All"),
                asked.integer(1, "count"),
                asked.bool("adminAccess"),
                tolerations,
                asked.objects("tolerations"),
                capacities);
    }

    static List<String> expressions(List<Unstructured> selectors) {
        return selectors.stream().map(s -> s.string("cel", "expression")).toList();
    }
}
