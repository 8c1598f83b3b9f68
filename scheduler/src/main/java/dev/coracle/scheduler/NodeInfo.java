package dev.coracle.scheduler;

import dev.coracle.machinery.object.Unstructured;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** A node and what is taken of it; changed by difference as pods come and go. */
final class NodeInfo {
    private final Map<String, Request> pods = new LinkedHashMap<>();
    private final Map<String, Long> taken = new HashMap<>();
    private Map<String, Long> allocatable = Map.of();
    private Unstructured node;

    NodeInfo(Unstructured node) {
        this.node = node;
        node(node);
    }

    Unstructured node() {
        return node;
    }

    void node(Unstructured newer) {
        node = newer;
        Map<String, Long> amounts = new HashMap<>();
        newer.object("status", "allocatable").map().forEach((k, v) -> amounts.put(k, Request.units(k, v)));
        allocatable = amounts;
    }

    void add(String uid, Request request) {
        remove(uid);
        pods.put(uid, request);
        request.amounts().forEach((resource, n) -> taken.merge(resource, n, Long::sum));
    }

    void remove(String uid) {
        Request request = pods.remove(uid);
        if (request != null) {
            request.amounts().forEach((resource, n) -> taken.merge(resource, -n, Long::sum));
        }
    }

    int podCount() {
        return pods.size();
    }

    long allocatable(String resource) {
        return allocatable.getOrDefault(resource, 0L);
    }

    long free(String resource) {
        return allocatable(resource) - taken.getOrDefault(resource, 0L);
    }

    boolean usesPort(Request.HostPort port) {
        return pods.values().stream().anyMatch(r -> r.ports().stream().anyMatch(port::conflicts));
    }

    /** 0 to 100: how much would be left, averaged over cpu and memory, as LeastAllocated has it. */
    long score(Request r) {
        return (share(r, "cpu") + share(r, "memory")) / 2;
    }

    private long share(Request r, String resource) {
        long all = allocatable(resource);
        return all <= 0 ? 0 : Math.max(0, (free(resource) - r.amount(resource)) * 100 / all);
    }
}
