package dev.coracle.controllers.volume;

import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Binds claims to volumes: to one that is there and suits, else to a directory made for the claim where its class is
 * ours. A class that waits for the first consumer is served once the scheduler wrote the node it chose on the claim.
 */
public final class VolumeController implements Controller, Reconciler {
    /** The provisioner that StorageClass {@code standard} names. */
    public static final String PROVISIONER = "coracle.dev/local";

    private static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";
    private static final String STORAGE_PROVISIONER = "volume.kubernetes.io/storage-provisioner";
    private static final String BY_CLASS = "volume-class";
    private static final String PENDING = "pending-class";

    private final ControllerContext world;
    private final EventRecorder events;
    private final Directories directories;
    private final Informer claims;
    private final Informer volumes;
    private final Informer classes;
    private final Informer nodes;
    private final Loop loop;

    public VolumeController(ControllerContext world, EventRecorder events) {
        this.world = world;
        this.events = events;
        this.directories = new Directories(world.config().volumes());
        this.loop = new Loop(world, "persistentvolume", 1);
        this.claims = loop.reconciles(Resources.PERSISTENT_VOLUME_CLAIMS);
        this.volumes = loop.watches(Resources.PERSISTENT_VOLUMES, this::concerned);
        this.classes = loop.watches(
                Resources.STORAGE_CLASSES, (before, after) -> after != null ? pending(after.name()) : List.of());
        this.nodes = loop.reads(Resources.NODES);
        volumes.index(BY_CLASS, v -> List.of(v.object().string("spec", "storageClassName")));
        claims.index(
                PENDING,
                c -> c.object().string("status", "phase").equals("Bound")
                        ? List.of()
                        : List.of(c.object().string("spec", "storageClassName")));
        loop.start(this);
    }

    private List<ObjectKey> concerned(@Nullable Revision before, @Nullable Revision after) {
        if (after == null && before != null) {
            Unstructured ref = before.object().object("spec", "claimRef");
            return List.of(new ObjectKey(ref.string("namespace"), ref.string("name")));
        }
        return after != null && !after.object().string("status", "phase").equals("Bound")
                ? pending(after.object().string("spec", "storageClassName"))
                : List.of();
    }

    private List<ObjectKey> pending(String storageClass) {
        return claims.byIndex(PENDING, storageClass).stream().map(Revision::key).toList();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision claim = claims.get(key).orElse(null);
        if (claim == null || claim.isDeleting()) {
            return Result.DONE;
        }
        Unstructured c = claim.object();
        String name = c.string("spec", "volumeName");
        if (!name.isEmpty()) {
            named(c, name);
            return Result.DONE;
        }
        String storageClass = c.string("spec", "storageClassName");
        Unstructured storage =
                classes.get("", storageClass).map(Revision::object).orElse(null);
        boolean waits = storage != null && storage.string("volumeBindingMode").equals("WaitForFirstConsumer");
        String selected = c.annotations().getOrDefault(SELECTED_NODE, "");
        Unstructured node = nodes.get("", selected).map(Revision::object).orElse(null);
        if (!selected.isEmpty() && node == null) {
            // The node is gone since it was chosen: the scheduler may choose again.
            Unstructured next = c.copy().remove("metadata", "annotations", SELECTED_NODE);
            world.client().update(Resources.PERSISTENT_VOLUME_CLAIMS, next, WriteOptions.DEFAULT);
            return Result.DONE;
        }
        List<Unstructured> candidates = volumes.byIndex(BY_CLASS, storageClass).stream()
                .map(Revision::object)
                .filter(v -> !waits || !selected.isEmpty() || Volumes.isReservedFor(v, c))
                .toList();
        Optional<Unstructured> there = Volumes.choose(c, candidates, waits ? node : null);
        if (there.isPresent()) {
            bind(c, there.get());
        } else if (waits && selected.isEmpty()) {
            events.normal(c, "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
        } else {
            provision(c, storage, selected);
        }
        return Result.DONE;
    }

    /** The claim says which volume it wants, or has it already. */
    private void named(Unstructured c, String name) {
        Unstructured volume = volumes.get("", name).map(Revision::object).orElse(null);
        boolean bound = c.string("status", "phase").equals("Bound");
        if (volume == null
                && bound
                && Live.find(world.client(), Resources.PERSISTENT_VOLUMES, "", name)
                        .isEmpty()) {
            world.client()
                    .update(
                            Resources.PERSISTENT_VOLUME_CLAIMS,
                            c.copy().set("Lost", "status", "phase"),
                            WriteOptions.STATUS);
            events.warning(c, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
        } else if (volume != null && !bound && (Volumes.isFree(volume) || Volumes.isReservedFor(volume, c))) {
            bind(c, volume);
        } else if (volume != null && !bound) {
            events.warning(c, "FailedBinding", "volume \"" + name + "\" already bound to a different claim.");
        }
    }

    /** The volume first: what is written there decides who has it, should we be interrupted. */
    private void bind(Unstructured c, Unstructured volume) {
        Unstructured v = volume.copy();
        if (!v.string("spec", "claimRef", "uid").equals(c.uid())) {
            v.set(Volumes.reference(c), "spec", "claimRef");
            v.set("yes", "metadata", "annotations", "pv.kubernetes.io/bound-by-controller");
            v = world.client()
                    .update(Resources.PERSISTENT_VOLUMES, v, WriteOptions.DEFAULT)
                    .object()
                    .copy();
        }
        if (!v.string("status", "phase").equals("Bound")) {
            world.client().update(Resources.PERSISTENT_VOLUMES, v.set("Bound", "status", "phase"), WriteOptions.STATUS);
        }
        Unstructured next = c.copy();
        if (!next.string("spec", "volumeName").equals(v.name())) {
            next.set(v.name(), "spec", "volumeName");
            next.set("yes", "metadata", "annotations", "pv.kubernetes.io/bound-by-controller");
        }
        next.set("yes", "metadata", "annotations", "pv.kubernetes.io/bind-completed");
        next = world.client()
                .update(Resources.PERSISTENT_VOLUME_CLAIMS, next, WriteOptions.DEFAULT)
                .object()
                .copy();
        next.set("Bound", "status", "phase")
                .set(v.get("spec", "accessModes"), "status", "accessModes")
                .set(v.get("spec", "capacity"), "status", "capacity");
        world.client().update(Resources.PERSISTENT_VOLUME_CLAIMS, next, WriteOptions.STATUS);
    }

    private void provision(Unstructured c, @Nullable Unstructured storage, String selected) {
        String storageClass = c.string("spec", "storageClassName");
        if (storageClass.isEmpty()) {
            events.normal(
                    c, "FailedBinding", "no persistent volumes available for this claim and no storage class is set");
            return;
        }
        if (storage == null) {
            events.warning(c, "ProvisioningFailed", "storageclass.storage.k8s.io \"" + storageClass + "\" not found");
            return;
        }
        String provisioner = storage.string("provisioner");
        if (provisioner.equals("kubernetes.io/no-provisioner")) {
            return;
        }
        if (!provisioner.equals(c.annotations().get(STORAGE_PROVISIONER))) {
            Unstructured next = c.copy().set(provisioner, "metadata", "annotations", STORAGE_PROVISIONER);
            world.client().update(Resources.PERSISTENT_VOLUME_CLAIMS, next, WriteOptions.DEFAULT);
            // The claim comes back with the annotation.
            return;
        }
        events.normal(
                c,
                "ExternalProvisioning",
                "Waiting for a volume to be created either by the external provisioner '" + provisioner
                        + "' or manually by the system administrator. If volume creation is delayed, please verify"
                        + " that the provisioner is running and correctly registered.");
        if (provisioner.equals(PROVISIONER)) {
            make(c, storage, selected);
        }
    }

    private void make(Unstructured c, Unstructured storage, String selected) {
        String where = selected.isEmpty() ? anyNode() : selected;
        if (where.isEmpty() || c.string("spec", "volumeMode").equals("Block")) {
            events.warning(
                    c,
                    "ProvisioningFailed",
                    "failed to provision volume with StorageClass \"" + storage.name() + "\": "
                            + (where.isEmpty() ? "there is no node" : "block volume provisioning is not supported"));
            return;
        }
        String name = "pvc-" + c.uid();
        events.normal(
                c,
                "Provisioning",
                "External provisioner is provisioning volume for claim \"" + c.namespace() + "/" + c.name() + "\"");
        try {
            directories.create(name);
        } catch (IOException e) {
            events.warning(
                    c,
                    "ProvisioningFailed",
                    "failed to provision volume with StorageClass \"" + storage.name() + "\": " + e.getMessage());
            throw new java.io.UncheckedIOException(e);
        }
        Unstructured made = world.client()
                .create(Resources.PERSISTENT_VOLUMES, "", volume(c, storage, name, where), WriteOptions.DEFAULT)
                .object();
        events.normal(c, "ProvisioningSucceeded", "Successfully provisioned volume " + name);
        bind(c, made);
    }

    /** For a class that does not wait: some node, and always the same. */
    private String anyNode() {
        return nodes.list().stream()
                .map(Revision::object)
                .min(Comparator.<Unstructured, Boolean>comparing(n -> n.bool("spec", "unschedulable")
                                || !n.objects("spec", "taints").isEmpty())
                        .thenComparing(Unstructured::name))
                .map(Unstructured::name)
                .orElse("");
    }

    private Unstructured volume(Unstructured claim, Unstructured storage, String name, String node) {
        String host = nodes.get("", node)
                .map(n -> n.labels().get("kubernetes.io/hostname"))
                .orElse(node);
        Unstructured v = Unstructured.of("v1", "PersistentVolume", "", name);
        v.set(PROVISIONER, "metadata", "annotations", "pv.kubernetes.io/provisioned-by");
        v.set(List.of(Protection.VOLUME), "metadata", "finalizers");
        v.set(claim.get("spec", "resources", "requests", "storage"), "spec", "capacity", "storage");
        v.set(claim.stringList("spec", "accessModes"), "spec", "accessModes");
        v.set(storage.stringOr("Delete", "reclaimPolicy"), "spec", "persistentVolumeReclaimPolicy");
        v.set(storage.name(), "spec", "storageClassName");
        v.set("Filesystem", "spec", "volumeMode");
        v.set(directories.of(name).toString(), "spec", "hostPath", "path");
        v.set("DirectoryOrCreate", "spec", "hostPath", "type");
        v.set(Volumes.reference(claim), "spec", "claimRef");
        Unstructured term = new Unstructured(new LinkedHashMap<>());
        term.add(
                new Unstructured(new LinkedHashMap<>())
                        .set("kubernetes.io/hostname", "key")
                        .set("In", "operator")
                        .set(List.of(host), "values"),
                "matchExpressions");
        return v.set(List.of(term), "spec", "nodeAffinity", "required", "nodeSelectorTerms");
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
