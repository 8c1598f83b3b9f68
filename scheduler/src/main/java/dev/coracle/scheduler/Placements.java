package dev.coracle.scheduler;

import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.NodeChanges;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.Nominations;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The nodes there are, which pods count on which, and which are nominated to come. Pods may be known before their node is,
 * or after it went: then they are kept for the node to come. Changed by difference; {@link #snapshot} is what it is now.
 */
final class Placements {
    /** @param assumed decided here, and not yet shown by the informer */
    private record Place(PodInfo pod, String node, boolean assumed) {}

    private NodeInfo[] nodes = {};
    private Map<String, Integer> index = new HashMap<>();
    /** Whether a snapshot shares it, so that it may not be changed any more. */
    private boolean indexShown;

    private final Map<String, NodeInfo> missing = new LinkedHashMap<>();
    private final Map<ObjectKey, Place> places = new LinkedHashMap<>();
    private Map<String, Map<String, String>> namespaces = Map.of();
    private Nominations nominations = Nominations.NONE;
    private final NodeChanges changes = new NodeChanges();
    private int affinePods;
    private @Nullable Snapshot snapshot;

    Snapshot snapshot() {
        Snapshot known = snapshot;
        if (known == null) {
            known = new Snapshot(Arrays.asList(nodes.clone()), index, affinePods, namespaces, nominations, changes);
            snapshot = known;
            indexShown = true;
        }
        return known;
    }

    @Nullable
    NodeInfo node(String name) {
        Integer at = index.get(name);
        return at == null ? null : nodes[at];
    }

    void put(Unstructured node) {
        snapshot = null;
        Integer at = index.get(node.name());
        if (at != null) {
            nodes[at] = nodes[at].with(node);
            changes.add(at);
            return;
        }
        NodeInfo waiting = missing.remove(node.name());
        nodes = Arrays.copyOf(nodes, nodes.length + 1);
        nodes[nodes.length - 1] = waiting == null ? new NodeInfo(node) : waiting.with(node);
        if (indexShown) {
            index = new HashMap<>(index);
            indexShown = false;
        }
        index.put(node.name(), nodes.length - 1);
        changes.addAll();
    }

    void remove(String node) {
        Integer at = index.get(node);
        if (at == null) {
            return;
        }
        snapshot = null;
        if (nodes[at].podCount() > 0) {
            missing.put(node, nodes[at]);
        }
        List<NodeInfo> rest = new ArrayList<>(Arrays.asList(nodes));
        rest.remove(at.intValue());
        nodes = rest.toArray(new NodeInfo[0]);
        changes.addAll();
        reindex();
    }

    private void reindex() {
        Map<String, Integer> fresh = new HashMap<>();
        for (int i = 0; i < nodes.length; i++) {
            fresh.put(nodes[i].name(), i);
        }
        index = fresh;
        indexShown = false;
    }

    /** @param labels null when the namespace is gone */
    void namespace(String name, @Nullable Map<String, String> labels) {
        Map<String, Map<String, String>> changed = new HashMap<>(namespaces);
        if (labels == null) {
            changed.remove(name);
        } else {
            changed.put(name, labels);
        }
        namespaces = changed;
        snapshot = null;
    }

    /** The pod that counts somewhere under a key; null for none. */
    @Nullable
    PodInfo placed(ObjectKey key) {
        Place place = places.get(key);
        return place == null ? null : place.pod;
    }

    boolean isPlaced(ObjectKey key, String uid) {
        Place place = places.get(key);
        return place != null && place.pod.uid().equals(uid);
    }

    /** A pod is decided to go to a node. */
    void assume(PodInfo pod, String node) {
        put(new Place(pod, node, true));
    }

    /** The informer shows a pod on a node. The node that has more room for it than before, or {@code ""}. */
    String place(PodInfo pod, String node) {
        return put(new Place(pod, node, false));
    }

    private String put(Place place) {
        ObjectKey key = place.pod.key();
        Place before = places.get(key);
        String freed = unplace(key);
        places.put(key, place);
        replace(place.node, info(place.node).with(place.pod));
        affinePods += affine(place.pod);
        boolean same = before != null
                && before.node.equals(place.node)
                && before.pod.uid().equals(place.pod.uid())
                && before.pod.request().equals(place.pod.request());
        return same ? "" : freed;
    }

    /** The binding failed. The node that has more room for it, or {@code ""} when the informer knows better. */
    String forget(PodInfo pod) {
        Place place = places.get(pod.key());
        return place != null && place.assumed && place.pod.uid().equals(pod.uid()) ? unplace(pod.key()) : "";
    }

    /** The node that has more room for it, or {@code ""} when the pod had no place. */
    String unplace(ObjectKey key) {
        Place place = places.remove(key);
        if (place == null) {
            return "";
        }
        replace(place.node, info(place.node).without(place.pod.uid()));
        affinePods -= affine(place.pod);
        return place.node;
    }

    private static int affine(PodInfo pod) {
        return pod.isAffine() ? 1 : 0;
    }

    private NodeInfo info(String node) {
        NodeInfo info = node(node);
        if (info == null) {
            info = missing.get(node);
        }
        return info != null ? info : new NodeInfo(Unstructured.of("v1", "Node", "", node));
    }

    private void replace(String node, NodeInfo info) {
        snapshot = null;
        Integer at = index.get(node);
        if (at != null) {
            nodes[at] = info;
            changes.add(at);
        } else if (info.podCount() == 0) {
            missing.remove(node);
        } else {
            missing.put(node, info);
        }
    }

    List<PodInfo> nominated(String node) {
        return nominations.on(node);
    }

    void nominate(PodInfo pod, String node) {
        unnominate(pod.key());
        nominations = nominations.with(pod, node);
        nominationsChanged(node);
    }

    /** The node it was to come to; {@code ""} for none. */
    String unnominate(ObjectKey key) {
        String node = nominations.node(key);
        if (!node.isEmpty()) {
            nominations = nominations.without(key);
            nominationsChanged(node);
        }
        return node;
    }

    private void nominationsChanged(String node) {
        snapshot = null;
        Integer at = index.get(node);
        if (at != null) {
            changes.add(at);
        }
    }
}
