package dev.coracle.controllers.statefulset;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.PodControl;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Does what was decided for one set, and tells of it by events; as {@code StatefulPodControl}. There is nothing to remember
 * until the copy shows it: a place is taken by its name, so what is created twice is refused, and a deletion is of one uid.
 *
 * @param claims the copy of claims
 * @param templates the template of a revision, by its name
 */
record StatefulPods(
        Client client,
        EventRecorder events,
        Informer claims,
        Unstructured set,
        Plan.Rules rules,
        Function<String, Unstructured> templates) {

    void take(Step step) {
        switch (step) {
            case Step.Create c -> create(c.ordinal(), c.revision());
            case Step.Provide p -> provide(p.pod());
            case Step.Conform c -> conform(c.pod());
            case Step.Release r -> retain(r.pod());
            case Step.Delete d -> delete(d.pod());
        }
    }

    /** The pod of a place. */
    Unstructured pod(int ordinal, String revision) {
        Unstructured pod = PodControl.pod(set, templates.apply(revision)).remove("metadata", "generateName");
        String name = Identity.podName(set, ordinal);
        pod.set(name, "metadata", "name").set(set.namespace(), "metadata", "namespace");
        Identity.label(pod, ordinal);
        pod.set(revision, "metadata", "labels", Identity.REVISION);
        pod.set(name, "spec", "hostname");
        String service = set.string("spec", "serviceName");
        pod.set(service.isEmpty() ? null : service, "spec", "subdomain");
        Storage.mount(set, pod, ordinal);
        return pod;
    }

    private void create(int ordinal, String revision) {
        Unstructured pod = pod(ordinal, revision);
        if (copies(ordinal).stream().anyMatch(c -> Retention.isLeftBehind(set, pod, c))) {
            return; // The end of that claim wakes the set.
        }
        try {
            provideClaims(pod.name(), ordinal);
            client.create(Resources.PODS, set.namespace(), pod, WriteOptions.DEFAULT);
            told("create", pod.name(), null);
        } catch (StatusException e) {
            if (!e.isAlreadyExists() && !Live.isTerminating(e)) {
                told("create", pod.name(), e);
            }
            if (!Live.isTerminating(e)) {
                throw e;
            }
        }
    }

    private void provide(Unstructured pod) {
        provideClaims(pod.name(), Identity.ordinal(set, pod));
        retain(pod);
    }

    private void conform(Unstructured pod) {
        int ordinal = Identity.ordinal(set, pod);
        boolean mounted = Storage.matches(set, pod, ordinal);
        boolean retained = isRetained(pod);
        if (Identity.matches(pod) && mounted && retained) {
            return;
        }
        try {
            Unstructured next = pod.copy();
            Identity.label(next, ordinal);
            if (!mounted) {
                provideClaims(pod.name(), ordinal);
                Storage.mount(set, next, ordinal);
            }
            retain(pod);
            if (!Identity.matches(pod) || !mounted) {
                client.update(Resources.PODS, next, WriteOptions.DEFAULT);
            }
            told("update", pod.name(), null);
        } catch (StatusException e) {
            if (!e.isConflict()) {
                told("update", pod.name(), e);
            }
            throw e;
        }
    }

    private void delete(Unstructured pod) {
        try {
            if (Live.delete(client, Resources.PODS, pod)) {
                told("delete", pod.name(), null);
            }
        } catch (StatusException e) {
            told("delete", pod.name(), e);
            throw e;
        }
    }

    // ---- claims

    private List<Unstructured> copies(int ordinal) {
        return Storage.claimNames(set, ordinal).stream()
                .flatMap(name -> claims.get(set.namespace(), name).stream())
                .map(Revision::object)
                .toList();
    }

    /** Makes those that are missing; throws what was refused, or that one is on its way out. */
    private void provideClaims(String pod, int ordinal) {
        List<StatusException> refused = new ArrayList<>();
        for (Unstructured claim : Storage.claims(set, ordinal)) {
            try {
                boolean going = claims.get(set.namespace(), claim.name())
                        .or(() -> make(claim, pod))
                        .map(Revision::isDeleting)
                        .orElse(false);
                if (going) {
                    refused.add(new StatusException(409, "Conflict", "pvc " + claim.name() + " is being deleted"));
                }
            } catch (StatusException e) {
                String why = "failed to create PVC " + claim.name() + ": " + e.getMessage();
                refused.add(new StatusException(e.code(), e.reason(), why, e.details()));
            }
        }
        if (refused.size() == 1) {
            throw refused.getFirst();
        }
        if (!refused.isEmpty()) {
            StatusException first = refused.getFirst();
            String all = "["
                    + String.join(
                            ", ", refused.stream().map(e -> "" + e.getMessage()).toList()) + "]";
            throw new StatusException(first.code(), first.reason(), all, first.details());
        }
    }

    private Optional<Revision> make(Unstructured claim, String pod) {
        try {
            Revision made =
                    client.create(Resources.PERSISTENT_VOLUME_CLAIMS, set.namespace(), claim, WriteOptions.DEFAULT);
            String message =
                    "create Claim " + claim.name() + " Pod " + pod + " in StatefulSet " + set.name() + " success";
            events.normal(set, "SuccessfulCreate", message);
            return Optional.of(made);
        } catch (StatusException e) {
            if (e.isAlreadyExists()) {
                return Live.find(client, Resources.PERSISTENT_VOLUME_CLAIMS, set.namespace(), claim.name());
            }
            if (!Live.isTerminating(e)) {
                String message = "create Claim " + claim.name() + " for Pod " + pod + " in StatefulSet " + set.name()
                        + " failed error: " + e.getMessage();
                events.warning(set, "FailedCreate", message);
            }
            throw e;
        }
    }

    private Retention retention(Unstructured pod) {
        return new Retention(set, pod, !rules.covers(Identity.ordinal(set, pod)));
    }

    private boolean isRetained(Unstructured pod) {
        return copies(Identity.ordinal(set, pod)).stream().allMatch(retention(pod)::isUpToDate);
    }

    private void retain(Unstructured pod) {
        Retention retention = retention(pod);
        for (Unstructured claim : copies(Identity.ordinal(set, pod))) {
            if (retention.isUpToDate(claim)) {
                continue;
            }
            if (retention.isForeign(claim)) {
                events.warning(
                        set,
                        "ConflictingController",
                        "PersistentVolumeClaim " + claim.name() + " has a conflicting OwnerReference that acts as a"
                                + " managing controller, the retention policy is ignored for this claim");
            }
            client.update(Resources.PERSISTENT_VOLUME_CLAIMS, retention.apply(claim), WriteOptions.DEFAULT);
        }
    }

    private void told(String verb, String pod, @Nullable StatusException failure) {
        String what = verb + " Pod " + pod + " in StatefulSet " + set.name();
        String reason = Character.toUpperCase(verb.charAt(0)) + verb.substring(1);
        if (failure == null) {
            events.normal(set, "Successful" + reason, what + " successful");
        } else {
            events.warning(set, "Failed" + reason, what + " failed error: " + failure.getMessage());
        }
    }
}
