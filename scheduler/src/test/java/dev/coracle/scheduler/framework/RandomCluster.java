package dev.coracle.scheduler.framework;

import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A few nodes, namespaces and pods with every kind of term about each other; the same for the same seed. */
public final class RandomCluster {
    public static final Map<String, Map<String, String>> NAMESPACES =
            Map.of("one", Map.of("team", "red"), "two", Map.of("team", "blue"), "three", Map.of());

    /** @param node the name */
    public record Placed(Unstructured pod, String node) {}

    private final Entropy random;
    private final List<Unstructured> nodes = new ArrayList<>();
    private final List<Placed> placed = new ArrayList<>();
    private final Unstructured incoming;

    public RandomCluster(long seed) {
        random = new VirtualEnvironment(seed).environment().entropy();
        int count = 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            nodes.add(node("node-" + i));
        }
        int pods = random.nextInt(12);
        for (int i = 0; i < pods; i++) {
            placed.add(new Placed(pod("pod-" + i), "node-" + random.nextInt(count)));
        }
        incoming = pod("incoming");
    }

    public List<Unstructured> nodes() {
        return nodes;
    }

    public List<Placed> placed() {
        return placed;
    }

    public Unstructured incoming() {
        return incoming;
    }

    public int nextInt(int bound) {
        return random.nextInt(bound);
    }

    public Snapshot snapshot() {
        return snapshot(placed);
    }

    /** As it would be with those pods alone. */
    public Snapshot snapshot(List<Placed> pods) {
        List<NodeInfo> infos = new ArrayList<>();
        Map<String, Integer> index = new HashMap<>();
        int affine = 0;
        for (Unstructured n : nodes) {
            NodeInfo info = new NodeInfo(n);
            for (Placed p : pods) {
                if (p.node.equals(n.name())) {
                    PodInfo pod = PodInfo.of(p.pod);
                    info = info.with(pod);
                    affine += pod.isAffine() ? 1 : 0;
                }
            }
            index.put(n.name(), infos.size());
            infos.add(info);
        }
        return new Snapshot(infos, index, affine, NAMESPACES, Nominations.NONE);
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private String one(String... of) {
        return of[random.nextInt(of.length)];
    }

    private Unstructured node(String name) {
        Unstructured node = Unstructured.of("v1", "Node", "", name);
        if (chance(90)) {
            node.set(name, "metadata", "labels", "host");
        }
        if (chance(85)) {
            node.set(one("a", "b", "c"), "metadata", "labels", "zone");
        }
        if (chance(25)) {
            node.add(tree("key", one("x", "y"), "effect", one("NoSchedule", "PreferNoSchedule")), "spec", "taints");
        }
        return node;
    }

    private Unstructured pod(String name) {
        Unstructured pod =
                Unstructured.of("v1", "Pod", one("one", "two", "three"), name).set("uid-" + name, "metadata", "uid");
        pod.set(one("p", "q"), "metadata", "labels", "app");
        if (chance(60)) {
            pod.set(one("1", "2"), "metadata", "labels", "version");
        }
        if (chance(10)) {
            pod.set("2026-01-01T00:00:00Z", "metadata", "deletionTimestamp");
        }
        if (chance(20)) {
            pod.set(one("a", "b"), "spec", "nodeSelector", "zone");
        }
        if (chance(30)) {
            pod.add(tree("key", one("x", "y"), "operator", "Exists"), "spec", "tolerations");
        }
        for (String kind : new String[] {"podAffinity", "podAntiAffinity"}) {
            for (int i = chance(35) ? 1 + random.nextInt(2) : 0; i > 0; i--) {
                pod.add(term(), "spec", "affinity", kind, "requiredDuringSchedulingIgnoredDuringExecution");
            }
        }
        for (int i = chance(70) ? 1 + random.nextInt(2) : 0; i > 0; i--) {
            pod.add(constraint(), "spec", "topologySpreadConstraints");
        }
        return pod;
    }

    private Unstructured term() {
        Unstructured term = tree("topologyKey", one("host", "zone")).set(selector(), "labelSelector");
        if (chance(30)) {
            term.set(List.of(one("one", "two", "three")), "namespaces");
        }
        if (chance(20)) {
            term.set(chance(30) ? tree() : tree().set(one("red", "blue"), "matchLabels", "team"), "namespaceSelector");
        }
        if (chance(20)) {
            term.set(List.of("version"), one("matchLabelKeys", "mismatchLabelKeys"));
        }
        return term;
    }

    private Unstructured constraint() {
        Unstructured c = tree("topologyKey", one("host", "zone"), "whenUnsatisfiable", "DoNotSchedule")
                .set(1L + random.nextInt(3), "maxSkew")
                .set(selector(), "labelSelector");
        if (chance(25)) {
            c.set(1L + random.nextInt(4), "minDomains");
        }
        if (chance(25)) {
            c.set(one("Honor", "Ignore"), "nodeAffinityPolicy");
        }
        if (chance(25)) {
            c.set(one("Honor", "Ignore"), "nodeTaintsPolicy");
        }
        if (chance(20)) {
            c.set(List.of("version"), "matchLabelKeys");
        }
        return c;
    }

    private Unstructured selector() {
        Unstructured selector = tree();
        if (chance(80)) {
            selector.set(one("p", "q"), "matchLabels", "app");
        }
        if (chance(20)) {
            selector.add(tree("key", "version", "operator", one("Exists", "DoesNotExist")), "matchExpressions");
        }
        return selector;
    }

    private static Unstructured tree(String... members) {
        Unstructured tree = new Unstructured(new LinkedHashMap<>());
        for (int i = 0; i < members.length; i += 2) {
            tree.set(members[i + 1], members[i]);
        }
        return tree;
    }
}
