package dev.coracle.controllers;

import dev.coracle.client.Client;
import dev.coracle.client.Informers;
import dev.coracle.client.LoopMetrics;
import dev.coracle.controllers.bootstrap.BootstrapSigner;
import dev.coracle.controllers.bootstrap.TokenCleaner;
import dev.coracle.controllers.certificates.ApprovingController;
import dev.coracle.controllers.certificates.CleaningController;
import dev.coracle.controllers.certificates.SigningController;
import dev.coracle.controllers.clusterroleaggregation.ClusterRoleAggregationController;
import dev.coracle.controllers.cronjob.CronJobController;
import dev.coracle.controllers.daemonset.DaemonSetController;
import dev.coracle.controllers.deployment.DeploymentController;
import dev.coracle.controllers.disruption.DisruptionController;
import dev.coracle.controllers.disruption.StaleDisruptions;
import dev.coracle.controllers.endpointslice.EndpointSliceController;
import dev.coracle.controllers.endpointslicemirroring.MirroringController;
import dev.coracle.controllers.ephemeralvolume.EphemeralVolumeController;
import dev.coracle.controllers.externalsecrets.ExternalSecretController;
import dev.coracle.controllers.externalsecrets.StoreController;
import dev.coracle.controllers.garbage.GarbageCollector;
import dev.coracle.controllers.job.JobController;
import dev.coracle.controllers.job.OrphanPods;
import dev.coracle.controllers.namespace.NamespaceController;
import dev.coracle.controllers.node.NodeLifecycleController;
import dev.coracle.controllers.node.PodGarbageCollector;
import dev.coracle.controllers.node.TaintEvictionController;
import dev.coracle.controllers.nodeipam.NodeIpamController;
import dev.coracle.controllers.podautoscaler.HorizontalPodAutoscalerController;
import dev.coracle.controllers.replicaset.Family;
import dev.coracle.controllers.replicaset.ReplicaSetController;
import dev.coracle.controllers.resourceclaim.ClaimRelease;
import dev.coracle.controllers.resourceclaim.ResourceClaimController;
import dev.coracle.controllers.resourcequota.ResourceQuotaController;
import dev.coracle.controllers.sealedsecrets.CertificateController;
import dev.coracle.controllers.sealedsecrets.KeyController;
import dev.coracle.controllers.sealedsecrets.SealedSecretController;
import dev.coracle.controllers.serviceaccount.ServiceAccountController;
import dev.coracle.controllers.serviceaccount.TokensController;
import dev.coracle.controllers.servicecidrs.AddressRepairController;
import dev.coracle.controllers.servicecidrs.ServiceCidrController;
import dev.coracle.controllers.statefulset.StatefulSetController;
import dev.coracle.controllers.ttlafterfinished.TtlAfterFinishedController;
import dev.coracle.controllers.validatingadmissionpolicystatus.PolicyStatusController;
import dev.coracle.controllers.volume.ExpandController;
import dev.coracle.controllers.volume.Protection;
import dev.coracle.controllers.volume.ReclaimController;
import dev.coracle.controllers.volume.VolumeController;
import dev.coracle.machinery.env.Environment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Every controller, in one screen, under the name by which {@link ControllersConfig#controllers} selects it. */
public final class Controllers implements AutoCloseable {
    private static final List<KnownController> KNOWN = List.of(
            known(
                    "deployment-controller",
                    "deployment",
                    w -> new DeploymentController(w, w.events("deployment-controller"))),
            known(
                    "replicaset-controller",
                    "replicaset",
                    w -> new ReplicaSetController(w, w.events("replicaset-controller"))),
            known(
                    "replicationcontroller-controller",
                    "replicationcontroller",
                    w -> new ReplicaSetController(
                            Family.REPLICATION_CONTROLLERS, w, w.events("replication-controller"))),
            known(
                    "statefulset-controller",
                    "statefulset",
                    w -> new StatefulSetController(w, w.events("statefulset-controller"))),
            known(
                    "daemonset-controller",
                    "daemonset",
                    w -> new DaemonSetController(w, w.events("daemonset-controller"))),
            known("job-controller", "job", w -> new JobController(w, w.events("job-controller"))),
            known("job-controller", "job", OrphanPods::new),
            known("cronjob-controller", "cronjob", w -> new CronJobController(w, w.events("cronjob-controller"))),
            known("ttl-after-finished-controller", "ttl-after-finished", TtlAfterFinishedController::new),
            known(
                    "endpointslice-controller",
                    "endpointslice",
                    w -> new EndpointSliceController(w, w.events("endpoint-slice-controller"))),
            known(
                    "endpointslice-mirroring-controller",
                    "endpointslicemirroring",
                    w -> new MirroringController(w, w.events("endpoint-slice-mirroring-controller"))),
            known(
                    "service-cidr-controller",
                    "service-cidr-controller",
                    w -> new ServiceCidrController(w, w.events("service-cidr-controller"))),
            // Upstream's API server does this one itself.
            known(
                    "service-cidr-controller",
                    "service-cidr-controller",
                    w -> new AddressRepairController(w, w.events("ipallocator-repair-controller"))),
            known(
                    "disruption-controller",
                    "disruption",
                    w -> new DisruptionController(w, w.events("controllermanager"))),
            known("disruption-controller", "disruption", StaleDisruptions::new),
            known(
                    "horizontal-pod-autoscaler-controller",
                    "horizontalpodautoscaling",
                    w -> new HorizontalPodAutoscalerController(w, w.events("horizontal-pod-autoscaler"))),
            known("certificatesigningrequest-signing-controller", "csrsigning", SigningController::new),
            known("certificatesigningrequest-approving-controller", "csrapproving", ApprovingController::new),
            known("certificatesigningrequest-cleaner-controller", "csrcleaner", CleaningController::new),
            known("bootstrap-signer-controller", "bootstrapsigner", BootstrapSigner::new),
            known("token-cleaner-controller", "tokencleaner", TokenCleaner::new),
            known("namespace-controller", "namespace", NamespaceController::new),
            known("serviceaccount-controller", "serviceaccount", ServiceAccountController::new),
            known("serviceaccount-token-controller", "serviceaccount-token", TokensController::new),
            known(
                    "clusterrole-aggregation-controller",
                    "clusterrole-aggregation",
                    ClusterRoleAggregationController::new),
            known(
                    "validatingadmissionpolicy-status-controller",
                    "validatingadmissionpolicy-status-controller",
                    PolicyStatusController::new),
            known(
                    "persistentvolume-binder-controller",
                    "persistentvolume-binder",
                    w -> new VolumeController(w, w.events("persistentvolume-controller"))),
            known(
                    "persistentvolume-binder-controller",
                    "persistentvolume-binder",
                    w -> new ReclaimController(w, w.events("persistentvolume-controller"))),
            known(
                    "persistentvolume-expander-controller",
                    "persistentvolume-expander",
                    w -> new ExpandController(
                            w,
                            w.events("volume_expand"),
                            w.events("external-resizer " + VolumeController.PROVISIONER))),
            known(
                    "ephemeral-volume-controller",
                    "ephemeral-volume",
                    w -> new EphemeralVolumeController(w, w.events("ephemeral_volume"))),
            known(
                    "resourceclaim-controller",
                    "resource-claim-controller",
                    w -> new ResourceClaimController(w, w.events("resource_claim"))),
            known("resourceclaim-controller", "resource-claim-controller", ClaimRelease::new),
            known("persistentvolumeclaim-protection-controller", "pvc-protection", Protection::new),
            known("resourcequota-controller", "resourcequota", ResourceQuotaController::new),
            known("garbage-collector-controller", "garbagecollector", GarbageCollector::new),
            known("node-ipam-controller", "nodeipam", w -> new NodeIpamController(w, w.events("cidrAllocator"))),
            known(
                    "node-lifecycle-controller",
                    "nodelifecycle",
                    w -> new NodeLifecycleController(w, w.events("node-controller"))),
            known(
                    "taint-eviction-controller",
                    "taint-eviction-controller",
                    w -> new TaintEvictionController(w, w.events("taint-eviction-controller"))),
            known("pod-garbage-collector-controller", "podgc", PodGarbageCollector::new),
            addon(Addon.SEALED_SECRETS, "sealed-secrets-controller", KeyController::new),
            addon(
                    Addon.SEALED_SECRETS,
                    "sealed-secrets-controller",
                    w -> new SealedSecretController(w, w.events("sealed-secrets"))),
            addon(Addon.SEALED_SECRETS, "sealed-secrets-controller", CertificateController::new),
            addon(
                    Addon.EXTERNAL_SECRETS,
                    "external-secrets-controller",
                    w -> new StoreController(w, w.events("external-secrets"), awsEndpoint())),
            addon(
                    Addon.EXTERNAL_SECRETS,
                    "external-secrets-controller",
                    w -> new ExternalSecretController(w, w.events("external-secrets"), awsEndpoint())));

    /** Where AWS's SDKs are told of another endpoint, a private one above all. */
    private static String awsEndpoint() {
        return Objects.requireNonNullElse(System.getenv("AWS_SECRETSMANAGER_ENDPOINT"), "");
    }

    private static KnownController known(String name, String alias, Function<ControllerContext, Controller> start) {
        return new KnownController(name, alias, Optional.empty(), start);
    }

    private static KnownController addon(Addon addon, String name, Function<ControllerContext, Controller> start) {
        return new KnownController(name, addon.toString(), Optional.of(addon), start);
    }

    private final ControllerContext world;
    private final List<KnownController> selected;
    private final List<Controller> running = new CopyOnWriteArrayList<>();

    /** Throws {@link IllegalArgumentException} when a controller is selected that there is not. */
    public Controllers(Client client, Informers informers, Environment environment, ControllersConfig config) {
        this.world = new ControllerContext(client, informers, environment, config);
        this.selected = KnownController.select(KNOWN, config.controllers(), config.addons());
    }

    /** @throws IllegalArgumentException when one is selected that there is not */
    public static void check(List<String> selection) {
        KnownController.select(KNOWN, selection, List.of());
    }

    /** Their names, as they can be selected. */
    public static List<String> names() {
        return KNOWN.stream().map(KnownController::name).distinct().sorted().toList();
    }

    /** Starts those that are selected; the caller starts the informers. */
    public void start() {
        selected.forEach(k -> running.add(k.start().apply(world)));
    }

    /** What the loop of each running controller did so far. */
    public List<LoopMetrics> metrics() {
        return running.stream().map(Controller::metrics).toList();
    }

    @Override
    public void close() {
        running.forEach(Controller::close);
        running.clear();
    }
}
