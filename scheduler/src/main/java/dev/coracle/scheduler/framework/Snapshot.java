package dev.coracle.scheduler.framework;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** All nodes with their pods at one moment. Immutable; two in a row share every node that did not change between. */
public final class Snapshot {
    private final List<NodeInfo> nodes;
    private final Map<String, Integer> index;
    private final int affinePods;
    private final Map<String, Map<String, String>> namespaces;
    private final Nominations nominations;
    private final @Nullable NodeChanges changes;
    private final long changed;

    /**
     * @param index where each node is in the list
     * @param affinePods how many pods have terms about others; 0 spares the look for them
     * @param namespaces their labels
     * @param nominations pods that are to come to a node once others have left it
     * @param changes what the nodes went through until now; null when nobody wrote it down
     */
    public Snapshot(
            List<NodeInfo> nodes,
            Map<String, Integer> index,
            int affinePods,
            Map<String, Map<String, String>> namespaces,
            Nominations nominations,
            @Nullable NodeChanges changes) {
        this.changes = changes;
        this.changed = changes == null ? 0 : changes.count();
        this.nodes = nodes;
        this.index = index;
        this.affinePods = affinePods;
        this.namespaces = namespaces;
        this.nominations = nominations;
    }

    /** One that stands alone. */
    public Snapshot(
            List<NodeInfo> nodes,
            Map<String, Integer> index,
            int affinePods,
            Map<String, Map<String, String>> namespaces,
            Nominations nominations) {
        this(nodes, index, affinePods, namespaces, nominations, null);
    }

    /** Tells where nodes, or who is to come there, changed since an earlier snapshot; false, without a word, when that is not known. */
    public boolean changesSince(Snapshot earlier, IntConsumer places) {
        return changes != null && earlier.changes == changes && changes.tell(earlier.changed, changed, places);
    }

    public List<NodeInfo> nodes() {
        return nodes;
    }

    public @Nullable NodeInfo node(String name) {
        Integer at = index.get(name);
        return at == null ? null : nodes.get(at);
    }

    /** Where it is in the list. */
    public OptionalInt placeOf(String node) {
        Integer at = index.get(node);
        return at == null ? OptionalInt.empty() : OptionalInt.of(at);
    }

    public int affinePods() {
        return affinePods;
    }

    public Map<String, String> namespaceLabels(String namespace) {
        return namespaces.getOrDefault(namespace, Map.of());
    }

    /** Whether namespaces and their labels are what they were. */
    public boolean sharesNamespaces(@Nullable Snapshot other) {
        return other != null && other.namespaces == namespaces;
    }

    public List<PodInfo> nominated(String node) {
        return nominations.on(node);
    }

    public boolean hasNominated() {
        return !nominations.isEmpty();
    }

    /** Whether where one that is to come will be matters to others by its own terms. */
    public boolean hasAffineNominated() {
        return nominations.isAffine();
    }

    /** The node that a pod is to come to; {@code ""} for none. */
    public String nominatedNode(PodInfo pod) {
        return nominations.nodeOf(pod);
    }
}
