package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What may change in a pod through its part {@code resize}: how much cpu and memory its containers ask for and get. What
 * its node has decided by once, such as the class of service, stays; and an amount that was given cannot be taken back,
 * since no container can be told to have no limit any more.
 */
final class PodResizeRules {
    private static final String MIRROR = "kubernetes.io/config.mirror";

    private final Findings findings;

    PodResizeRules(Findings findings) {
        this.findings = findings;
    }

    void check(Unstructured pod, Unstructured old) {
        if (old.annotations().containsKey(MIRROR)) {
            findings.forbidden("", "static pods cannot be resized");
            return;
        }
        if (old.string("spec", "os", "name").equals("windows")) {
            findings.forbidden("", "windows pods cannot be resized");
            return;
        }
        String was = old.stringOr(QosClass.of(old), "status", "qosClass");
        if (!was.equals(QosClass.of(pod))) {
            findings.invalid(
                    "spec", pod.string("status", "qosClass"), "Pod QOS Class may not change as a result of resizing");
        }
        if (!nodeResizes(old)) {
            findings.forbidden("spec", "Pod running on node without support for resize");
        }
        Unstructured rest = pod.object("spec").copy();
        whole(rest, old.object("spec"));
        if (!inOrder(rest, old.object("spec"))) {
            return;
        }
        boolean fine = containers(rest, old.object("spec"), "initContainers");
        fine &= containers(rest, old.object("spec"), "containers");
        if (fine
                && findings.causes().isEmpty()
                && !same(rest.map(), old.object("spec").map())) {
            findings.forbidden("spec", "only cpu and memory resources are mutable");
        }
    }

    /** A kubelet that resizes says of running containers what they have. */
    private static boolean nodeResizes(Unstructured pod) {
        return pod.objects("status", "containerStatuses").stream()
                .filter(s -> s.has("state", "running"))
                .findFirst()
                .map(s -> s.has("resources"))
                .orElse(true);
    }

    /** What the pod has as a whole. @param rest takes over what was, where it may change */
    private void whole(Unstructured rest, Unstructured old) {
        if (old.has("resources") && !rest.has("resources")) {
            findings.forbidden("spec.resources", "pod-level resources cannot be removed");
            return;
        }
        if (!old.has("resources") && !rest.has("resources")) {
            return;
        }
        removed(rest, old, "spec.resources", "pod-level resource ");
        takeOver(rest, old);
        if (!old.has("resources") && rest.object("resources").map().isEmpty()) {
            rest.remove("resources");
        }
        if (!same(rest.get("resources"), old.get("resources"))) {
            findings.forbidden("spec", "only cpu and memory resources are mutable at pod-level");
        }
    }

    private boolean inOrder(Unstructured now, Unstructured old) {
        boolean fine = true;
        for (String list : List.of("containers", "initContainers")) {
            List<Unstructured> after = now.objects(list);
            List<Unstructured> before = old.objects(list);
            if (after.size() != before.size()) {
                findings.forbidden("spec." + list, list + " may not be added or removed on resize");
                fine = false;
                continue;
            }
            for (int i = 0; i < before.size(); i++) {
                if (!after.get(i).string("name").equals(before.get(i).string("name"))) {
                    findings.forbidden(
                            "spec." + list + "[" + i + "].name", list + " may not be renamed or reordered on resize");
                    fine = false;
                }
            }
        }
        return fine;
    }

    private boolean containers(Unstructured rest, Unstructured old, String list) {
        boolean init = list.equals("initContainers");
        boolean fine = true;
        for (int i = 0; i < old.objects(list).size(); i++) {
            Unstructured after = rest.objects(list).get(i);
            Unstructured before = old.objects(list).get(i);
            String path = "spec." + list + "[" + i + "]";
            boolean changed = !after.equals(before);
            removed(after, before, path + ".resources", "resource ");
            takeOver(after, before);
            if (!same(after.map(), before.map())) {
                fine = false;
                findings.forbidden(
                        init ? path : "spec",
                        init
                                ? "only cpu and memory resources for init or sidecar containers are mutable"
                                : "only cpu and memory resources are mutable");
            }
            boolean sidecar = after.string("restartPolicy").equals("Always");
            if (init
                    && changed
                    && !sidecar
                    && after.objects("resizePolicy").stream()
                            .anyMatch(p -> p.string("restartPolicy").equals("RestartContainer"))) {
                findings.forbidden(
                        path, "non-sidecar init containers with a resize policy of RestartContainer cannot be resized");
            }
        }
        return fine;
    }

    private void removed(Unstructured now, Unstructured old, String path, String what) {
        for (String side : List.of("requests", "limits")) {
            if (!now.object("resources", side)
                    .map()
                    .keySet()
                    .containsAll(old.object("resources", side).map().keySet())) {
                findings.forbidden(path + "." + side, what + side + " cannot be removed");
            }
        }
    }

    /** Cpu and memory as they were, so that any difference that is left is one that may not be. */
    private static void takeOver(Unstructured now, Unstructured old) {
        for (String side : List.of("limits", "requests")) {
            for (String resource : List.of("cpu", "memory")) {
                now.set(old.get("resources", side, resource), "resources", side, resource);
            }
            if (now.object("resources", side).map().isEmpty()) {
                now.remove("resources", side);
            }
        }
    }

    /** Nothing and an empty thing are the same. */
    private static boolean same(@Nullable Object a, @Nullable Object b) {
        return Objects.equals(full(a), full(b));
    }

    private static @Nullable Object full(@Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return value;
        }
        Map<Object, Object> full = new HashMap<>();
        map.forEach((k, v) -> {
            Object kept = full(v);
            if (kept != null) {
                full.put(k, kept);
            }
        });
        return full.isEmpty() ? null : full;
    }
}
