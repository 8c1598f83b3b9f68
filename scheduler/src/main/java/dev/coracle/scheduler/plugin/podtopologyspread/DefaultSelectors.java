package dev.coracle.scheduler.plugin.podtopologyspread;

import dev.coracle.client.Informer;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.PodQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The set that a pod belongs to when it says nothing of spreading: what its Services and its controller select. */
record DefaultSelectors(Informer services, Informer controllers, Informer replicaSets, Informer statefulSets) {
    boolean synced() {
        return services.synced() && controllers.synced() && replicaSets.synced() && statefulSets.synced();
    }

    /** Null for a pod that belongs to none. */
    @Nullable
    PodQuery of(PodInfo pod) {
        Map<String, String> merged = new TreeMap<>();
        for (Revision s : services.list(pod.namespace())) {
            Map<String, String> selector = s.object().strings("spec", "selector");
            if (!selector.isEmpty() && pod.labels().entrySet().containsAll(selector.entrySet())) {
                merged.putAll(selector);
            }
        }
        List<Object> expressions = new ArrayList<>();
        owner(pod).ifPresent(o -> {
            if (o.kind().equals("ReplicationController")) {
                merged.putAll(o.strings("spec", "selector"));
            } else {
                merged.putAll(o.strings("spec", "selector", "matchLabels"));
                expressions.addAll(o.objects("spec", "selector", "matchExpressions"));
            }
        });
        if (merged.isEmpty() && expressions.isEmpty()) {
            return null;
        }
        Unstructured selector = new Unstructured(new java.util.LinkedHashMap<>());
        merged.forEach((k, v) -> selector.set(v, "matchLabels", k));
        selector.set(expressions, "matchExpressions");
        return new PodQuery(pod.namespace(), LabelSelector.of(selector), selector.toString());
    }

    private Optional<Unstructured> owner(PodInfo pod) {
        OwnerReference owner = pod.pod().controllerOf().orElse(null);
        if (owner == null) {
            return Optional.empty();
        }
        Informer informer = switch (owner.kind()) {
            case "ReplicationController" -> controllers;
            case "ReplicaSet" -> replicaSets;
            case "StatefulSet" -> statefulSets;
            default -> null;
        };
        return informer == null
                ? Optional.empty()
                : informer.get(pod.namespace(), owner.name()).map(Revision::object);
    }
}
