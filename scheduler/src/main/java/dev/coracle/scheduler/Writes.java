package dev.coracle.scheduler;

import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Plugin.PreBind;
import dev.coracle.scheduler.framework.Plugin.Reserves;
import dev.coracle.scheduler.framework.PodInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All that the scheduler writes. Each blocks until the server has answered. */
record Writes(Client client, EventRecorder events, Clock clock) {
    /**
     * Binds the pod, unless one of those asked before says that others have to act first.
     *
     * @return who says so; null when the pod is bound
     */
    @Nullable
    Reserves bind(PodInfo pod, String node, Map<Reserves, PreBind> before) {
        Reserves slow = null;
        for (Map.Entry<Reserves, PreBind> b : before.entrySet()) {
            boolean ready = b.getValue().run();
            slow = ready || slow != null ? slow : b.getKey();
        }
        if (slow != null) {
            return slow;
        }
        try {
            client.post(
                    Resources.PODS,
                    pod.namespace(),
                    pod.name(),
                    "binding",
                    Unstructured.of("v1", "Binding", pod.namespace(), pod.name())
                            .set(pod.uid(), "metadata", "uid")
                            .set("v1", "target", "apiVersion")
                            .set("Node", "target", "kind")
                            .set(node, "target", "name"));
        } catch (StatusException e) {
            // An answer that was lost says nothing of what was done.
            if (e.code() < 500 || !isBound(pod, node)) {
                throw e;
            }
        }
        events.normal(
                pod.pod(), "Scheduled", "Successfully assigned " + pod.namespace() + "/" + pod.name() + " to " + node);
        return null;
    }

    private boolean isBound(PodInfo pod, String node) {
        Unstructured now =
                client.get(Resources.PODS, pod.namespace(), pod.name()).object();
        return now.uid().equals(pod.uid()) && now.string("spec", "nodeName").equals(node);
    }

    /** Whether the condition {@code PodScheduled} says so already. */
    static boolean isKnown(Unstructured pod, String message) {
        return scheduled(pod).string("message").equals(message);
    }

    void tell(Unstructured pod, String message) {
        events.warning(pod, "FailedScheduling", message);
    }

    /**
     * @param nominated the node it is to come to; {@code ""} for none, null to leave that as it is
     */
    void note(Unstructured pod, String reason, String message, @Nullable String nominated) {
        Unstructured old = scheduled(pod);
        Object since = old.string("status").equals("False") ? old.get("lastTransitionTime") : clock.now();
        Unstructured patch =
                status(condition(pod, "PodScheduled", "False", reason, message).set(since, "lastTransitionTime"));
        patch(pod, nominated == null ? patch : withNomination(patch, nominated));
    }

    void nominate(Unstructured pod, String node) {
        patch(pod, withNomination(new Unstructured(new LinkedHashMap<>()), node));
    }

    private static Unstructured withNomination(Unstructured patch, String node) {
        if (!patch.has("status")) {
            patch.set(new LinkedHashMap<>(), "status");
        }
        patch.object("status").map().put("nominatedNodeName", node.isEmpty() ? null : node);
        return patch;
    }

    /** Has a pod go for another; its grace period is its own. */
    void evict(PodInfo victim, PodInfo preemptor, String node) {
        String scheduler = preemptor.pod().stringOr("default-scheduler", "spec", "schedulerName");
        Unstructured condition = condition(
                        victim.pod(),
                        "DisruptionTarget",
                        "True",
                        "PreemptionByScheduler",
                        scheduler + ": preempting to accommodate a higher priority pod")
                .set(clock.now(), "lastTransitionTime");
        try {
            patch(victim.pod(), status(condition));
            client.delete(Resources.PODS, victim.namespace(), victim.name(), DeleteOptions.of(victim.uid()));
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return;
            }
            throw e;
        }
        events.normal(victim.pod(), "Preempted", "Preempted by pod " + preemptor.uid() + " on node " + node);
    }

    private static Unstructured condition(Unstructured pod, String type, String status, String reason, String message) {
        return new Unstructured(new LinkedHashMap<>())
                .set(type, "type")
                .set(status, "status")
                .set(reason, "reason")
                .set(message, "message")
                .set(pod.generation() == 0 ? null : pod.generation(), "observedGeneration");
    }

    private static Unstructured status(Unstructured condition) {
        return new Unstructured(new LinkedHashMap<>()).set(List.of(condition), "status", "conditions");
    }

    /** Conditions are merged by type, so that what others write meanwhile stays; another pod of the name is spared. */
    private void patch(Unstructured pod, Unstructured patch) {
        client.patch(
                Resources.PODS,
                pod.namespace(),
                pod.name(),
                Patch.strategic(patch.set(pod.uid(), "metadata", "uid")),
                WriteOptions.STATUS);
    }

    private static Unstructured scheduled(Unstructured pod) {
        return pod.objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals("PodScheduled"))
                .findFirst()
                .orElseGet(() -> new Unstructured(new LinkedHashMap<>()));
    }
}
