package dev.coracle.scheduler;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A node and what is taken of it; changed by difference as pods come and go. */
final class NodeInfo {
    /** What a pod asks for: millicores, bytes, and host ports as {@code TCP:80}. */
    record Request(long cpu, long memory, Set<String> ports) {
        static Request of(Unstructured pod) {
            long cpu = 0;
            long memory = 0;
            Set<String> ports = new HashSet<>();
            for (Unstructured c : pod.objects("spec", "containers")) {
                cpu += milli(c, "cpu");
                memory += bytes(c, "memory");
                for (Unstructured p : c.objects("ports")) {
                    if (p.has("hostPort")) {
                        ports.add(p.stringOr("TCP", "protocol") + ":" + p.integer(0, "hostPort"));
                    }
                }
            }
            // Init containers run one after the other, before the rest: the largest counts, not the sum.
            for (Unstructured c : pod.objects("spec", "initContainers")) {
                cpu = Math.max(cpu, milli(c, "cpu"));
                memory = Math.max(memory, bytes(c, "memory"));
            }
            return new Request(cpu, memory, ports);
        }

        private static long milli(Unstructured c, String resource) {
            return Quantity.of(amount(c, resource)).milli();
        }

        private static long bytes(Unstructured c, String resource) {
            return Quantity.of(amount(c, resource)).value();
        }

        private static Object amount(Unstructured c, String resource) {
            Object request = c.get("resources", "requests", resource);
            Object limit = c.get("resources", "limits", resource);
            return request != null ? request : limit != null ? limit : "0";
        }
    }

    private final Map<String, Request> pods = new LinkedHashMap<>();
    private Unstructured node;
    private long cpu;
    private long memory;

    NodeInfo(Unstructured node) {
        this.node = node;
    }

    Unstructured node() {
        return node;
    }

    void node(Unstructured newer) {
        node = newer;
    }

    void add(String uid, Request r) {
        remove(uid);
        pods.put(uid, r);
        cpu += r.cpu();
        memory += r.memory();
    }

    void remove(String uid) {
        Request r = pods.remove(uid);
        if (r != null) {
            cpu -= r.cpu();
            memory -= r.memory();
        }
    }

    boolean isEmpty() {
        return pods.isEmpty();
    }

    int podCount() {
        return pods.size();
    }

    long freeCpu() {
        return allocatable("cpu").milli() - cpu;
    }

    long freeMemory() {
        return allocatable("memory").value() - memory;
    }

    long maxPods() {
        return allocatable("pods").value();
    }

    boolean usesPort(String port) {
        return pods.values().stream().anyMatch(r -> r.ports().contains(port));
    }

    /** 0 to 100: how much would be left, averaged over cpu and memory, as LeastAllocated has it. */
    long score(Request r) {
        return (share(freeCpu() - r.cpu(), allocatable("cpu").milli())
                        + share(freeMemory() - r.memory(), allocatable("memory").value()))
                / 2;
    }

    private static long share(long free, long all) {
        return all <= 0 ? 0 : Math.max(0, free * 100 / all);
    }

    private Quantity allocatable(String resource) {
        Object amount = node.get("status", "allocatable", resource);
        return Quantity.of(amount == null ? "0" : amount);
    }
}
