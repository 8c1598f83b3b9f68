package dev.coracle.controllers.ephemeralvolume;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.Owned;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A claim for each ephemeral volume of a pod, which owns it. One of that name that is not the pod's is left alone: the
 * data in it is someone else's, and the pod waits.
 */
public final class EphemeralVolumeController implements Controller, Reconciler {
    private static final String BY_CLAIM = "ephemeral-claim";

    private final Client client;
    private final EventRecorder events;
    private final Informer pods;
    private final Informer claims;
    private final Loop loop;

    public EphemeralVolumeController(ControllerContext world, EventRecorder events) {
        this.client = world.client();
        this.events = events;
        this.loop = new Loop(world, "ephemeral_volume", 1);
        // What a pod asks for never changes; only its coming is of interest.
        this.pods = loop.watches(
                Resources.PODS,
                (before, after) ->
                        before == null && after != null && !claimsOf(after).isEmpty()
                                ? List.of(after.key())
                                : List.of());
        this.claims = loop.watches(Resources.PERSISTENT_VOLUME_CLAIMS, this::bereft);
        pods.index(BY_CLAIM, EphemeralVolumeController::claimsOf);
        loop.start(this);
    }

    private static List<String> claimsOf(Revision pod) {
        return pod.object().objects("spec", "volumes").stream()
                .filter(v -> v.has("ephemeral"))
                .map(v -> new ObjectKey(pod.namespace(), claimName(pod.object(), v)).toString())
                .toList();
    }

    private static String claimName(Unstructured pod, Unstructured volume) {
        return pod.name() + "-" + volume.string("name");
    }

    /** Pods whose claim is gone: it is made again, or made at last where another's was in the way. */
    private List<ObjectKey> bereft(@Nullable Revision before, @Nullable Revision after) {
        return after != null || before == null
                ? List.of()
                : pods.byIndex(BY_CLAIM, before.key().toString()).stream()
                        .map(Revision::key)
                        .toList();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured pod = pods.get(key).map(Revision::object).orElse(null);
        if (pod == null || pod.isDeleting()) {
            return Result.DONE;
        }
        for (Unstructured volume : pod.objects("spec", "volumes")) {
            if (volume.has("ephemeral")) {
                provide(pod, volume);
            }
        }
        return Result.DONE;
    }

    private void provide(Unstructured pod, Unstructured volume) {
        String name = claimName(pod, volume);
        Unstructured there =
                claims.get(pod.namespace(), name).map(Revision::object).orElse(null);
        if (there == null) {
            create(pod, volume, name);
        } else if (there.controllerOf().filter(o -> o.uid().equals(pod.uid())).isEmpty()) {
            String place = pod.namespace() + "/";
            String why =
                    "PVC " + place + name + " was not created for pod " + place + pod.name() + " (pod is not owner)";
            throw new StatusException(409, "Conflict", failed(pod, volume, why));
        }
    }

    private void create(Unstructured pod, Unstructured volume, String name) {
        Unstructured template = volume.object("ephemeral", "volumeClaimTemplate");
        Unstructured claim = Unstructured.of("v1", "PersistentVolumeClaim", pod.namespace(), name)
                .set(template.copy().get("metadata", "labels"), "metadata", "labels")
                .set(template.copy().get("metadata", "annotations"), "metadata", "annotations")
                .set(template.copy().get("spec"), "spec");
        claim.addOwner(Owned.reference(pod));
        try {
            client.create(Resources.PERSISTENT_VOLUME_CLAIMS, pod.namespace(), claim, WriteOptions.DEFAULT);
        } catch (StatusException e) {
            String why = failed(pod, volume, "create PVC " + name + ": " + e.getMessage());
            throw new StatusException(e.code(), e.reason(), why, e.details());
        }
    }

    private String failed(Unstructured pod, Unstructured volume, String why) {
        String what = "ephemeral volume " + volume.string("name") + ": " + why;
        events.warning(pod, "FailedBinding", what);
        return "pod " + ObjectKey.of(pod) + ", " + what;
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
