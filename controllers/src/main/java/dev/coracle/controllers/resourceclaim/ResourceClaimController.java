package dev.coracle.controllers.resourceclaim;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.Owned;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a template the claim of each pod that names it; the pod owns it, and its status tells its name. Claims of pods
 * that came to their nodes without a scheduler are reserved for them here.
 */
public final class ResourceClaimController implements Controller, Reconciler {
    private final Client client;
    private final EventRecorder events;
    private final Informer pods;
    private final Informer claims;
    private final Informer templates;
    private final Loop loop;

    public ResourceClaimController(ControllerContext world, EventRecorder events) {
        this.client = world.client();
        this.events = events;
        this.loop = new Loop(world, "resource_claim", 1);
        this.pods = loop.watches(Resources.PODS, ResourceClaimController::asking);
        this.claims = loop.owns(Resources.RESOURCE_CLAIMS, "Pod", c -> c.has("status", "allocation"));
        this.templates = loop.reads(Resources.RESOURCE_CLAIM_TEMPLATES);
        loop.start(this);
    }

    private static List<ObjectKey> asking(@Nullable Revision before, @Nullable Revision after) {
        return after == null || !after.object().has("spec", "resourceClaims") ? List.of() : List.of(after.key());
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured pod = pods.get(key).map(Revision::object).orElse(null);
        // The claims of one that has ended go; made anew, they would go again and again.
        if (pod == null || pod.isDeleting() || ClaimRelease.isDone(pod)) {
            return Result.DONE;
        }
        List<PodClaim> lacking =
                PodClaim.of(pod).stream().filter(c -> lacks(pod, c)).toList();
        if (!lacking.isEmpty()) {
            // Copies may be older than what was written here last: a claim must not be made twice.
            Live.find(client, Resources.PODS, key.namespace(), key.name())
                    .map(Revision::object)
                    .filter(now -> now.uid().equals(pod.uid()) && !now.isDeleting() && !ClaimRelease.isDone(now))
                    .ifPresent(now -> provide(
                            now,
                            PodClaim.of(now).stream()
                                    .filter(c -> lacks(now, c) && !isThere(now, c))
                                    .toList()));
        }
        if (!pod.string("spec", "nodeName").isEmpty()) {
            PodClaim.of(pod).forEach(c -> reserve(pod, c));
        }
        return Result.DONE;
    }

    private boolean lacks(Unstructured pod, PodClaim c) {
        if (!c.isMade() || c.known() && c.claim().isEmpty()) {
            return false;
        }
        return !c.known()
                || claims.get(pod.namespace(), c.claim())
                        .filter(r -> isOf(pod, r.object()))
                        .isEmpty();
    }

    private boolean isThere(Unstructured pod, PodClaim c) {
        return c.known()
                && Live.find(client, Resources.RESOURCE_CLAIMS, pod.namespace(), c.claim())
                        .filter(r -> isOf(pod, r.object()))
                        .isPresent();
    }

    private static boolean isOf(Unstructured pod, Unstructured claim) {
        return claim.controllerOf().filter(o -> o.uid().equals(pod.uid())).isPresent();
    }

    private void provide(Unstructured pod, List<PodClaim> lacking) {
        List<Object> made = new ArrayList<>();
        for (PodClaim c : lacking) {
            // One that was made before, and could not be told of.
            String name = Owned.of(claims, pod.uid()).stream()
                    .filter(r -> c.name().equals(r.object().annotations().get(PodClaim.ANNOTATION)))
                    .map(Revision::name)
                    .findFirst()
                    .orElseGet(() -> create(pod, c));
            made.add(new Unstructured(new LinkedHashMap<>())
                    .set(c.name(), "name")
                    .set(name, "resourceClaimName")
                    .map());
        }
        if (!made.isEmpty()) {
            Unstructured patch = new Unstructured(new LinkedHashMap<>())
                    .set(pod.uid(), "metadata", "uid")
                    .set(made, "status", "resourceClaimStatuses");
            client.patch(Resources.PODS, pod.namespace(), pod.name(), Patch.strategic(patch), WriteOptions.STATUS);
        }
    }

    private String create(Unstructured pod, PodClaim c) {
        Unstructured template = templates
                .get(pod.namespace(), c.template())
                .map(Revision::object)
                .orElseThrow(() -> failed(
                        pod,
                        c,
                        StatusException.notFound(Resources.RESOURCE_CLAIM_TEMPLATES, c.template()),
                        "resource claim template \"" + c.template() + "\": resourceclaimtemplate.resource.k8s.io \""
                                + c.template() + "\" not found"));
        Unstructured claim = Unstructured.of("resource.k8s.io/v1", "ResourceClaim")
                .set(pod.namespace(), "metadata", "namespace")
                .set(c.base(pod.name()), "metadata", "generateName")
                .set(template.copy().get("spec", "metadata", "labels"), "metadata", "labels")
                .set(template.copy().get("spec", "metadata", "annotations"), "metadata", "annotations")
                .set(c.name(), "metadata", "annotations", PodClaim.ANNOTATION)
                .set(template.copy().get("spec", "spec"), "spec");
        claim.addOwner(Owned.reference(pod));
        try {
            return client.create(Resources.RESOURCE_CLAIMS, pod.namespace(), claim, WriteOptions.DEFAULT)
                    .name();
        } catch (StatusException e) {
            throw failed(pod, c, e, "create ResourceClaim : " + e.getMessage());
        }
    }

    private StatusException failed(Unstructured pod, PodClaim c, StatusException cause, String why) {
        String what = "PodResourceClaim " + c.name() + ": " + why;
        events.warning(pod, "FailedResourceClaimCreation", what);
        return new StatusException(
                cause.code(), cause.reason(), "pod " + ObjectKey.of(pod) + ", " + what, cause.details());
    }

    private void reserve(Unstructured pod, PodClaim c) {
        Unstructured claim = claims.get(pod.namespace(), c.claim())
                .map(Revision::object)
                .filter(o -> o.has("status", "allocation"))
                .filter(o -> !c.isMade() || isOf(pod, o))
                .orElse(null);
        if (claim == null
                || claim.objects("status", "reservedFor").stream()
                        .anyMatch(r -> r.string("uid").equals(pod.uid()))) {
            return;
        }
        // Refused where anything has changed meanwhile, and looked at again.
        Unstructured next = claim.copy();
        List<Object> all = new ArrayList<>();
        next.objects("status", "reservedFor").forEach(r -> all.add(r.map()));
        all.add(new Unstructured(new LinkedHashMap<>())
                .set("pods", "resource")
                .set(pod.name(), "name")
                .set(pod.uid(), "uid")
                .map());
        client.update(Resources.RESOURCE_CLAIMS, next.set(all, "status", "reservedFor"), WriteOptions.STATUS);
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
