package dev.coracle.kubelet.pod;

import dev.coracle.client.Client;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import org.jspecify.annotations.Nullable;

/** Tells the API server a pod's status when there is news. */
final class StatusWriter {
    private final Client client;
    private final Clock clock;
    private @Nullable Unstructured told;

    StatusWriter(Client client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    /** @param status without conditions; they are made on what the server has, so that nobody else's are lost */
    void write(Unstructured pod, Unstructured status, boolean sandbox) {
        Unstructured news = status.copy().set(sandbox, "sandbox").set(pod.objects("status", "conditions"), "seen");
        if (news.equals(told)) {
            return;
        }
        while (true) {
            try {
                Revision now = client.get(Resources.PODS, pod.namespace(), pod.name());
                if (!now.uid().equals(pod.uid())) {
                    return;
                }
                Unstructured next = now.object().copy();
                var old = next.objects("status", "conditions");
                Unstructured whole = status.copy();
                whole.set(Conditions.of(pod, status, old, sandbox, clock.now()), "conditions");
                // What only the API server or others write stays.
                for (String kept :
                        java.util.List.of("qosClass", "nominatedNodeName", "resourceClaimStatuses", "resize")) {
                    whole.set(next.get("status", kept), kept);
                }
                next.set(whole, "status");
                client.update(Resources.PODS, next, WriteOptions.STATUS);
                told = news;
                return;
            } catch (StatusException e) {
                if (e.isNotFound()) {
                    return;
                }
                if (!e.isConflict()) {
                    throw e;
                }
            }
        }
    }
}
