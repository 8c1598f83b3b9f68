package dev.coracle.apiserver.http;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** The STATUS column of pods: the phase, or what keeps its containers from running. */
final class PodStatus {
    private PodStatus() {}

    static String of(Unstructured pod) {
        String reason = pod.stringOr(pod.string("status", "phase"), "status", "reason");
        List<Unstructured> inits = pod.objects("status", "initContainerStatuses");
        int total = pod.objects("spec", "initContainers").size();
        for (int i = 0; i < inits.size(); i++) {
            Unstructured s = inits.get(i);
            if (s.has("state", "terminated") && s.integer(0, "state", "terminated", "exitCode") == 0
                    || s.bool("started") && s.has("state", "running")) {
                continue;
            }
            String why = s.stringOr(s.string("state", "waiting", "reason"), "state", "terminated", "reason");
            reason = why.isEmpty() || why.equals("PodInitializing") ? "Init:" + i + "/" + total : "Init:" + why;
            return pod.isDeleting() ? "Terminating" : reason;
        }
        for (Unstructured s : pod.objects("status", "containerStatuses")) {
            String waiting = s.string("state", "waiting", "reason");
            if (!waiting.isEmpty()) {
                reason = waiting;
            } else if (s.has("state", "terminated")) {
                String ended = s.string("state", "terminated", "reason");
                reason = ended.isEmpty() ? "ExitCode:" + s.integer(0, "state", "terminated", "exitCode") : ended;
            }
        }
        if (pod.isDeleting()) {
            return reason.equals("NodeLost") ? "Unknown" : "Terminating";
        }
        return reason;
    }
}
