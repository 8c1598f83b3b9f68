package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.client.Client;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.PodInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All that is written to claims. Each blocks until the server has answered. */
record ClaimWrites(Client client, ClaimLedger ledger, Clock clock) {
    /** On a claim that has devices: it stays until they are given up. */
    private static final String FINALIZER = "resource.kubernetes.io/delete-protection";
    /** As often as upstream: others may reserve the claim at the same time. */
    private static final int TRIES = 5;

    /** Reserves a claim for a pod; with the devices, when some are promised to it. */
    Revision reserve(PodInfo pod, Revision claim, boolean isPromised) {
        String uid = claim.uid();
        if (!isPromised) {
            Revision done = write(pod, claim, null);
            ledger.wrote(done);
            return done;
        }
        Unstructured allocation = ledger.begin(pod.uid(), uid)
                .orElseThrow(() -> conflict(claim, "its devices are promised to it no more"));
        try {
            Revision done = write(pod, claim, allocation);
            ledger.wrote(done);
            return done;
        } catch (RuntimeException | Error e) {
            if (e instanceof StatusException s && s.code() < 500) {
                ledger.abandon(uid);
            } else {
                settle(claim);
            }
            throw e;
        }
    }

    /** An answer that was lost says nothing of what was done: while nobody can tell, the devices stay promised. */
    void settle(Revision claim) {
        try {
            Revision now = client.get(Resources.RESOURCE_CLAIMS, claim.namespace(), claim.name());
            if (now.uid().equals(claim.uid())) {
                ledger.wrote(now);
            }
            ledger.abandon(claim.uid());
        } catch (StatusException e) {
            if (e.isNotFound()) {
                ledger.abandon(claim.uid());
            } else {
                ledger.doubt(claim.uid());
            }
        }
    }

    private Revision write(PodInfo pod, Revision claim, @Nullable Unstructured allocation) {
        Revision now = claim;
        for (int i = 1; ; i++) {
            try {
                return tryToWrite(pod, now, allocation);
            } catch (StatusException e) {
                if (!e.isConflict() || i == TRIES) {
                    throw e;
                }
                now = client.get(Resources.RESOURCE_CLAIMS, claim.namespace(), claim.name());
                check(claim, now, allocation);
            }
        }
    }

    private static void check(Revision claim, Revision now, @Nullable Unstructured allocation) {
        if (!now.uid().equals(claim.uid()) || now.isDeleting()) {
            throw conflict(claim, "it got deleted in the meantime");
        }
        boolean has = now.object().has("status", "allocation");
        if (allocation != null && has) {
            throw conflict(claim, "it got allocated elsewhere in the meantime");
        }
        if (allocation == null && !has) {
            throw conflict(claim, "it got deallocated in the meantime");
        }
    }

    private Revision tryToWrite(PodInfo pod, Revision claim, @Nullable Unstructured allocation) {
        Unstructured next = claim.object().copy();
        if (allocation != null) {
            if (!next.finalizers().contains(FINALIZER)) {
                next.add(FINALIZER, "metadata", "finalizers");
                next = client.update(Resources.RESOURCE_CLAIMS, next, WriteOptions.DEFAULT)
                        .object()
                        .copy();
            }
            next.set(allocation.copy().set(clock.now(), "allocationTimestamp"), "status", "allocation");
        }
        if (!PodClaims.isReservedFor(pod.pod(), next)) {
            next.add(
                    new Unstructured(new LinkedHashMap<>())
                            .set("pods", "resource")
                            .set(pod.name(), "name")
                            .set(pod.uid(), "uid"),
                    "status",
                    "reservedFor");
        }
        return client.update(Resources.RESOURCE_CLAIMS, next, WriteOptions.STATUS);
    }

    /** Ends a pod's use of claims, unless it was bound after all. What others reserve meanwhile stays. */
    void takeBack(PodInfo pod, List<Revision> reserved) {
        if (reserved.isEmpty() || isBound(pod)) {
            return;
        }
        for (Revision claim : reserved) {
            Unstructured mine = new Unstructured(new LinkedHashMap<>())
                    .set(claim.uid(), "metadata", "uid")
                    .set(List.of(Map.of("$patch", "delete", "uid", pod.uid())), "status", "reservedFor");
            try {
                ledger.wrote(client.patch(
                        Resources.RESOURCE_CLAIMS,
                        claim.namespace(),
                        claim.name(),
                        Patch.strategic(mine),
                        WriteOptions.STATUS));
            } catch (StatusException e) {
                if (e.code() >= 500) {
                    settle(claim);
                }
                throw e;
            }
        }
    }

    private boolean isBound(PodInfo pod) {
        try {
            Unstructured now =
                    client.get(Resources.PODS, pod.namespace(), pod.name()).object();
            return now.uid().equals(pod.uid())
                    && !now.string("spec", "nodeName").isEmpty();
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return false;
            }
            throw e;
        }
    }

    /** Gives up the devices of a claim, so that it can have others; not when it has changed. */
    void deallocate(Revision claim) {
        Unstructured next = claim.object().copy();
        for (String field : List.of("allocation", "reservedFor", "devices")) {
            next.remove("status", field);
        }
        ledger.wrote(client.update(Resources.RESOURCE_CLAIMS, next, WriteOptions.STATUS));
    }

    static StatusException conflict(Revision claim, String why) {
        return StatusException.conflict(Resources.RESOURCE_CLAIMS, claim.name(), why);
    }
}
