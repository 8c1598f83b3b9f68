package dev.coracle.controllers.daemonset;

import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.Comparator;

/**
 * One pod of a set.
 *
 * @param fresh of the set's template
 * @param scheduled bound to its node
 * @param phase as the pod's status has it
 */
record Daemon(
        Unstructured pod,
        boolean fresh,
        boolean scheduled,
        boolean terminating,
        String phase,
        boolean ready,
        boolean available) {
    /** Those that are bound first, then the oldest. */
    static final Comparator<Daemon> ORDER = Comparator.<Daemon, Boolean>comparing(d -> !d.scheduled())
            .thenComparing(d -> d.pod().string("metadata", "creationTimestamp"))
            .thenComparing(d -> d.pod().name());

    static Daemon of(Unstructured pod, String hash, long minReadySeconds, Instant now) {
        return new Daemon(
                pod,
                hash.equals(pod.labels().get(Template.HASH)),
                !pod.string("spec", "nodeName").isEmpty(),
                pod.isDeleting(),
                pod.string("status", "phase"),
                Pods.isReady(pod),
                Pods.isAvailable(pod, minReadySeconds, now));
    }
}
