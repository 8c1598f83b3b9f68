package dev.coracle.scheduler.framework;

import dev.coracle.machinery.object.ObjectKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Pods that are to come to a node once others have left it. Immutable; one more or less makes another, which shares nearly
 * all with it: thousands may preempt, and every decision has a snapshot of its own.
 */
public final class Nominations {
    /** @param node that need not exist yet */
    private record Nomination(PodInfo pod, String node) {}

    public static final Nominations NONE = new Nominations(Buckets.empty(), Buckets.empty(), 0, 0);

    private final Buckets<String, List<PodInfo>> byNode;
    private final Buckets<ObjectKey, Nomination> byPod;
    private final int pods;
    private final int affine;

    private Nominations(
            Buckets<String, List<PodInfo>> byNode, Buckets<ObjectKey, Nomination> byPod, int pods, int affine) {
        this.byNode = byNode;
        this.byPod = byPod;
        this.pods = pods;
        this.affine = affine;
    }

    public boolean isEmpty() {
        return pods == 0;
    }

    /** Whether where one of them is to come matters to others by its own terms. */
    boolean isAffine() {
        return affine > 0;
    }

    /** In the order in which they were nominated: the same list as long as nothing changes there. */
    public List<PodInfo> on(String node) {
        List<PodInfo> there = byNode.get(node);
        return there == null ? List.of() : there;
    }

    /** The node that a pod of this name is to come to; {@code ""} for none. */
    public String node(ObjectKey pod) {
        Nomination known = byPod.get(pod);
        return known == null ? "" : known.node;
    }

    /** As {@link #node}, for this very pod. */
    String nodeOf(PodInfo pod) {
        Nomination known = byPod.get(pod.key());
        return known == null || !known.pod.uid().equals(pod.uid()) ? "" : known.node;
    }

    public Nominations with(PodInfo pod, String node) {
        Nominations others = without(pod.key());
        List<PodInfo> there = new ArrayList<>(others.on(node));
        there.add(pod);
        return new Nominations(
                others.byNode.with(node, there),
                others.byPod.with(pod.key(), new Nomination(pod, node)),
                others.pods + 1,
                others.affine + (pod.isAffine() ? 1 : 0));
    }

    /** The same when it is not there. */
    public Nominations without(ObjectKey pod) {
        Nomination known = byPod.get(pod);
        if (known == null) {
            return this;
        }
        List<PodInfo> rest =
                on(known.node).stream().filter(p -> !p.key().equals(pod)).toList();
        return new Nominations(
                byNode.with(known.node, rest.isEmpty() ? null : rest),
                byPod.with(pod, null),
                pods - 1,
                affine - (known.pod.isAffine() ? 1 : 0));
    }

    /** A map in pieces, of which a change copies one. */
    private static final class Buckets<K, V> {
        private static final int COUNT = 256;

        private final List<Map<K, V>> maps;

        private Buckets(List<Map<K, V>> maps) {
            this.maps = maps;
        }

        static <K, V> Buckets<K, V> empty() {
            List<Map<K, V>> maps = new ArrayList<>(COUNT);
            for (int i = 0; i < COUNT; i++) {
                maps.add(Map.of());
            }
            return new Buckets<>(maps);
        }

        private static int bucket(Object key) {
            int hash = key.hashCode();
            return (hash ^ hash >>> 8 ^ hash >>> 16) & COUNT - 1;
        }

        @Nullable
        V get(K key) {
            return maps.get(bucket(key)).get(key);
        }

        /** @param value null for none */
        Buckets<K, V> with(K key, @Nullable V value) {
            Map<K, V> changed = new HashMap<>(Objects.requireNonNull(maps.get(bucket(key))));
            if (value == null) {
                changed.remove(key);
            } else {
                changed.put(key, value);
            }
            List<Map<K, V>> all = new ArrayList<>(maps);
            all.set(bucket(key), changed);
            return new Buckets<>(all);
        }
    }
}
