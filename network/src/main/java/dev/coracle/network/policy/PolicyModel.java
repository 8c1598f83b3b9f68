package dev.coracle.network.policy;

import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.selector.LabelSelector;
import dev.coracle.network.policy.Policy.Peer;
import dev.coracle.network.policy.Policy.Port;
import dev.coracle.network.policy.Policy.Rule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who is isolated by what, and who may reach whom. A pod's change costs as much as there are policies and peers that select it,
 * however many there are beside. Not thread-safe.
 */
final class PolicyModel {
    private static final int LONGEST_NAME = 200;

    private enum Direction {
        INGRESS,
        EGRESS;

        String map() {
            return name().toLowerCase(Locale.ROOT);
        }

        String letter() {
            return this == INGRESS ? "i" : "e";
        }

        @Nullable
        List<Rule> of(Policy policy) {
            return this == INGRESS ? policy.ingress() : policy.egress();
        }
    }

    /** Pods of a selector, for all policies that name them. */
    private static final class Selected {
        private final Peer.Pods peer;
        private final Members members;
        private int users;

        Selected(Peer.Pods peer, Members members) {
            this.peer = peer;
            this.members = members;
        }
    }

    /** A policy and the pods that it is for. */
    private static final class Target {
        private final Policy policy;
        private final long id;
        private final Members members;
        private final List<Selected> peers = new ArrayList<>();

        Target(Policy policy, long id, Members members) {
            this.policy = policy;
            this.id = id;
            this.members = members;
        }

        String chain(Direction d) {
            String name = d.letter() + "/" + id + "/" + policy.key().namespace() + "/"
                    + policy.key().name();
            return name.substring(0, Math.min(name.length(), LONGEST_NAME));
        }
    }

    /** Pods that the same policies isolate. */
    private record Isolation(Direction direction, Set<Long> targets) {}

    private static final class Group {
        private final String chain;
        private int users;

        Group(String chain) {
            this.chain = chain;
        }
    }

    private final KernelTable table;
    private final Map<ObjectKey, PolicyPod> pods = new HashMap<>();
    private final Map<String, Set<ObjectKey>> byNamespace = new HashMap<>();
    private final Map<String, Map<String, String>> namespaces = new HashMap<>();

    private final Map<ObjectKey, Target> targets = new LinkedHashMap<>();
    private final Map<String, SelectorIndex<Target>> targetsIn = new HashMap<>();
    private final Map<Peer.Pods, Selected> selected = new LinkedHashMap<>();
    private final Map<String, SelectorIndex<Selected>> selectedIn = new HashMap<>();

    private final Map<ObjectKey, List<Selected>> peersOf = new HashMap<>();
    private final Map<ObjectKey, List<Target>> targetsOf = new HashMap<>();
    private final Map<ObjectKey, Map<Direction, Isolation>> isolations = new HashMap<>();
    private final Map<Isolation, Group> groups = new HashMap<>();

    /** Of each address in each map who says where it leads: for a moment two pods may have it, and the later one counts. */
    private final Map<String, LinkedHashMap<ObjectKey, String>> claims = new HashMap<>();

    private long lastId;

    PolicyModel(KernelTable table) {
        this.table = table;
    }

    boolean isEmpty() {
        return targets.isEmpty();
    }

    List<Policy> policies() {
        return targets.values().stream().map(t -> t.policy).toList();
    }

    /** @param labels null where it is gone */
    void namespace(String name, @Nullable Map<String, String> labels) {
        Map<String, String> before = labels == null ? namespaces.remove(name) : namespaces.put(name, labels);
        if (labels != null && labels.equals(before)) {
            return;
        }
        for (Selected s : List.copyOf(selected.values())) {
            if (s.peer.namespaces() != null) {
                boolean now = labels != null && s.peer.namespaces().labels().matches(labels);
                boolean then =
                        selectedIn.containsKey(name) && selectedIn.get(name).contains(s);
                if (now && !then) {
                    open(s, name);
                } else if (then && !now) {
                    close(s, name);
                }
            }
        }
    }

    /** @param now empty where it is gone, or has no address of its own */
    void pod(ObjectKey key, Optional<PolicyPod> now) {
        PolicyPod before = pods.get(key);
        if (before != null && now.filter(before::equals).isPresent()) {
            return;
        }
        if (before != null) {
            leave(before);
        }
        now.ifPresent(this::join);
    }

    private void leave(PolicyPod pod) {
        isolate(pod, List.of());
        peersOf.getOrDefault(pod.key(), List.of()).forEach(s -> s.members.remove(pod.key()));
        targetsOf.getOrDefault(pod.key(), List.of()).forEach(t -> t.members.remove(pod.key()));
        peersOf.remove(pod.key());
        targetsOf.remove(pod.key());
        pods.remove(pod.key());
        byNamespace.computeIfPresent(pod.key().namespace(), (n, all) -> {
            all.remove(pod.key());
            return all.isEmpty() ? null : all;
        });
    }

    private void join(PolicyPod pod) {
        String namespace = pod.key().namespace();
        pods.put(pod.key(), pod);
        byNamespace.computeIfAbsent(namespace, n -> new LinkedHashSet<>()).add(pod.key());
        SelectorIndex<Selected> peers = selectedIn.get(namespace);
        if (peers != null) {
            peers.selecting(pod.labels()).forEach(s -> admit(s, pod));
        }
        SelectorIndex<Target> isolating = targetsIn.get(namespace);
        if (isolating != null) {
            isolating.selecting(pod.labels()).forEach(t -> admit(t, pod));
        }
        isolate(pod, targetsOf.getOrDefault(pod.key(), List.of()));
    }

    private void admit(Selected s, PolicyPod pod) {
        s.members.add(pod);
        peersOf.computeIfAbsent(pod.key(), k -> new ArrayList<>()).add(s);
    }

    private void admit(Target t, PolicyPod pod) {
        t.members.add(pod);
        targetsOf.computeIfAbsent(pod.key(), k -> new ArrayList<>()).add(t);
    }

    /** @param now null where it is gone */
    void policy(ObjectKey key, @Nullable Policy now) {
        Target before = targets.get(key);
        if (before == null ? now == null : before.policy.equals(now)) {
            return;
        }
        Set<ObjectKey> affected = new LinkedHashSet<>();
        Target after = now == null ? null : open(now);
        if (before != null) {
            affected.addAll(before.members.keys());
            close(before);
        }
        if (after != null) {
            affected.addAll(after.members.keys());
            targets.put(key, after);
        } else {
            targets.remove(key);
        }
        for (ObjectKey affectedKey : affected) {
            PolicyPod pod = pods.get(affectedKey);
            if (pod != null) {
                isolate(pod, targetsOf.getOrDefault(affectedKey, List.of()));
            }
        }
    }

    private Target open(Policy policy) {
        long id = ++lastId;
        Target target = new Target(policy, id, new Members(table, null));
        String namespace = policy.key().namespace();
        targetsIn.computeIfAbsent(namespace, n -> new SelectorIndex<>()).add(target, policy.pods());
        LabelSelector selector = policy.pods().labels();
        for (PolicyPod pod : in(namespace)) {
            if (selector.matches(pod.labels())) {
                admit(target, pod);
            }
        }
        for (Direction d : Direction.values()) {
            List<Rule> rules = d.of(policy);
            if (rules != null) {
                table.chain(target.chain(d), lines(target, d, rules));
            }
        }
        return target;
    }

    private void close(Target target) {
        targetsIn.computeIfPresent(target.policy.key().namespace(), (n, index) -> {
            index.remove(target);
            return index.isEmpty() ? null : index;
        });
        for (ObjectKey pod : target.members.keys()) {
            targetsOf.computeIfPresent(pod, (k, all) -> without(all, target));
        }
        target.members.dissolve();
        for (Direction d : Direction.values()) {
            if (d.of(target.policy) != null) {
                table.chain(target.chain(d), null);
            }
        }
        target.peers.forEach(this::release);
    }

    private static <T> @Nullable List<T> without(List<T> all, T one) {
        all.remove(one);
        return all.isEmpty() ? null : all;
    }

    private Collection<PolicyPod> in(String namespace) {
        return byNamespace.getOrDefault(namespace, Set.of()).stream()
                .map(pods::get)
                .toList();
    }

    private Selected acquire(Peer.Pods peer, Target user) {
        Selected known = selected.get(peer);
        if (known == null) {
            known = new Selected(peer, new Members(table, "p/" + ++lastId));
            selected.put(peer, known);
            if (peer.namespaces() == null) {
                open(known, peer.namespace());
            } else {
                LabelSelector which = peer.namespaces().labels();
                for (var n : namespaces.entrySet()) {
                    if (which.matches(n.getValue())) {
                        open(known, n.getKey());
                    }
                }
            }
        }
        known.users++;
        user.peers.add(known);
        return known;
    }

    private void release(Selected s) {
        if (--s.users > 0) {
            return;
        }
        selected.remove(s.peer);
        for (String namespace : List.copyOf(selectedIn.keySet())) {
            selectedIn.computeIfPresent(namespace, (n, index) -> {
                index.remove(s);
                return index.isEmpty() ? null : index;
            });
        }
        for (ObjectKey pod : s.members.keys()) {
            peersOf.computeIfPresent(pod, (k, all) -> without(all, s));
        }
        s.members.dissolve();
    }

    private void open(Selected s, String namespace) {
        selectedIn.computeIfAbsent(namespace, n -> new SelectorIndex<>()).add(s, s.peer.pods());
        LabelSelector selector = s.peer.pods().labels();
        for (PolicyPod pod : in(namespace)) {
            if (selector.matches(pod.labels())) {
                admit(s, pod);
            }
        }
    }

    private void close(Selected s, String namespace) {
        selectedIn.computeIfPresent(namespace, (n, index) -> {
            index.remove(s);
            return index.isEmpty() ? null : index;
        });
        for (ObjectKey pod : byNamespace.getOrDefault(namespace, Set.of())) {
            s.members.remove(pod);
            peersOf.computeIfPresent(pod, (k, all) -> without(all, s));
        }
    }

    /** What a policy allows, one line for each peer and port. */
    private List<String> lines(Target target, Direction d, List<Rule> rules) {
        Set<String> lines = new LinkedHashSet<>();
        for (Rule rule : rules) {
            List<Peer> peers = new ArrayList<>(rule.peers());
            if (peers.isEmpty()) {
                peers.add(null);
            }
            for (Peer peer : peers) {
                Selected pods = peer instanceof Peer.Pods p ? acquire(p, target) : null;
                String whom = whom(d, peer, pods);
                if (rule.ports().isEmpty()) {
                    lines.add(whom + "accept");
                }
                for (Port port : rule.ports()) {
                    lines.add(whom + what(target, d, pods, port) + " accept");
                }
            }
        }
        return List.copyOf(lines);
    }

    private static String whom(Direction d, @Nullable Peer peer, @Nullable Selected pods) {
        String end = d == Direction.INGRESS ? "ip saddr " : "ip daddr ";
        if (pods != null) {
            return end + "@" + pods.members.addresses() + " ";
        }
        if (!(peer instanceof Peer.Block block)) {
            return "";
        }
        String but = block.except().isEmpty()
                ? ""
                : block.except().stream().map(e -> end + "!= " + e + " ").reduce("", String::concat);
        return end + block.cidr() + " " + but;
    }

    private String what(Target target, Direction d, @Nullable Selected pods, Port port) {
        if (!port.name().isEmpty()) {
            Members who = d == Direction.INGRESS
                    ? target.members
                    : (pods == null ? acquire(Policy.EVERY_POD, target) : pods).members;
            String name = port.name() + "/" + port.protocol().toUpperCase(Locale.ROOT);
            return "meta l4proto " + port.protocol() + " ip daddr . th dport @" + who.named(name, "n/" + ++lastId);
        }
        if (port.first() == 0) {
            return "meta l4proto " + port.protocol();
        }
        return port.protocol() + " dport "
                + (port.last() > port.first() ? port.first() + "-" + port.last() : port.first());
    }

    private void isolate(PolicyPod pod, List<Target> by) {
        Map<Direction, Isolation> before = isolations.getOrDefault(pod.key(), Map.of());
        Map<Direction, Isolation> now = new HashMap<>();
        for (Direction d : Direction.values()) {
            Set<Long> ids = new TreeSet<>();
            by.stream().filter(t -> d.of(t.policy) != null).forEach(t -> ids.add(t.id));
            if (!ids.isEmpty()) {
                now.put(d, new Isolation(d, ids));
            }
        }
        if (now.equals(before)) {
            return;
        }
        for (Direction d : Direction.values()) {
            Isolation next = now.get(d);
            String chain = next == null ? null : group(next, by);
            claim(d, pod, chain);
            Isolation last = before.get(d);
            if (last != null) {
                ungroup(last);
            }
        }
        if (now.isEmpty() != before.isEmpty()) {
            table.self(pod.ip(), !now.isEmpty());
        }
        if (now.isEmpty()) {
            isolations.remove(pod.key());
        } else {
            isolations.put(pod.key(), now);
        }
    }

    private String group(Isolation isolation, List<Target> by) {
        Group group = groups.get(isolation);
        if (group == null) {
            Direction d = isolation.direction();
            group = new Group("g" + d.letter() + "/" + ++lastId);
            groups.put(isolation, group);
            List<String> lines = new ArrayList<>();
            by.stream()
                    .filter(t -> isolation.targets().contains(t.id))
                    .map(t -> "jump " + t.chain(d))
                    .sorted()
                    .forEach(lines::add);
            lines.add("drop");
            table.chain(group.chain, lines);
        }
        group.users++;
        return group.chain;
    }

    private void ungroup(Isolation isolation) {
        Group group = groups.get(isolation);
        if (group != null && --group.users == 0) {
            groups.remove(isolation);
            table.chain(group.chain, null);
        }
    }

    private void claim(Direction d, PolicyPod pod, @Nullable String chain) {
        String place = d.map() + " " + pod.ip();
        LinkedHashMap<ObjectKey, String> all = claims.computeIfAbsent(place, p -> new LinkedHashMap<>());
        all.remove(pod.key());
        if (chain != null) {
            all.put(pod.key(), chain);
        }
        if (all.isEmpty()) {
            claims.remove(place);
        }
        table.verdict(d.map(), pod.ip(), all.isEmpty() ? null : all.lastEntry().getValue());
    }
}
