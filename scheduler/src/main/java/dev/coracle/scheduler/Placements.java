package dev.coracle.scheduler;

import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Unstructured;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The nodes there are, and which pods count on which. Pods may be known before their node is, or after it went: then what
 * they take is kept for the node to come.
 */
final class Placements {
    private record Place(String uid, String node, Request request) {}

    private final Map<String, NodeInfo> nodes = new LinkedHashMap<>();
    private final Map<String, NodeInfo> missing = new LinkedHashMap<>();
    private final Map<ObjectKey, Place> places = new LinkedHashMap<>();

    Collection<NodeInfo> nodes() {
        return nodes.values();
    }

    @Nullable
    NodeInfo node(String name) {
        return nodes.get(name);
    }

    void put(Unstructured node) {
        NodeInfo info = nodes.get(node.name());
        if (info == null) {
            NodeInfo waiting = missing.remove(node.name());
            info = waiting == null ? new NodeInfo(node) : waiting;
            nodes.put(node.name(), info);
        }
        info.node(node);
    }

    void remove(String node) {
        NodeInfo info = nodes.remove(node);
        if (info != null && info.podCount() > 0) {
            missing.put(node, info);
        }
    }

    boolean isPlaced(ObjectKey key, String uid) {
        Place place = places.get(key);
        return place != null && place.uid().equals(uid);
    }

    /** The node that has more room for it than before, or {@code ""}. */
    String place(Unstructured pod, String node) {
        ObjectKey key = ObjectKey.of(pod);
        Place place = new Place(pod.uid(), node, Request.of(pod));
        if (place.equals(places.get(key))) {
            return "";
        }
        String freed = unplace(key);
        places.put(key, place);
        NodeInfo info = nodes.get(node);
        if (info == null) {
            info = missing.computeIfAbsent(node, n -> new NodeInfo(Unstructured.of("v1", "Node", "", n)));
        }
        info.add(place.uid(), place.request());
        return freed;
    }

    /** The node that has more room for it, or {@code ""} when the pod had no place. */
    String unplace(ObjectKey key) {
        Place place = places.remove(key);
        if (place == null) {
            return "";
        }
        NodeInfo info = nodes.get(place.node());
        if (info == null) {
            info = missing.get(place.node());
        }
        if (info != null) {
            info.remove(place.uid());
            if (info.podCount() == 0) {
                missing.remove(place.node());
            }
        }
        return place.node();
    }
}
