package dev.coracle.scheduler;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;

/** Tells a pod why no node takes it: an event, and the condition {@code PodScheduled} when that does not say so yet. */
record Refusals(Client client, EventRecorder events, Clock clock) {
    static boolean isKnown(Unstructured pod, String message) {
        return condition(pod).string("message").equals(message);
    }

    void tell(Unstructured pod, String message) {
        events.warning(pod, "FailedScheduling", message);
    }

    void note(Unstructured pod, String message) {
        Unstructured old = condition(pod);
        Object since = old.string("status").equals("False") ? old.get("lastTransitionTime") : clock.now();
        List<Unstructured> conditions = pod.copy().objects("status", "conditions");
        conditions.removeIf(c -> c.string("type").equals("PodScheduled"));
        conditions.add(new Unstructured(new LinkedHashMap<>())
                .set("PodScheduled", "type")
                .set("False", "status")
                .set("Unschedulable", "reason")
                .set(message, "message")
                .set(since, "lastTransitionTime"));
        client.patch(
                Resources.PODS,
                pod.namespace(),
                pod.name(),
                Patch.merge(new Unstructured(new LinkedHashMap<>()).set(conditions, "status", "conditions")),
                WriteOptions.STATUS);
    }

    private static Unstructured condition(Unstructured pod) {
        return pod.objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals("PodScheduled"))
                .findFirst()
                .orElseGet(() -> new Unstructured(new LinkedHashMap<>()));
    }
}
