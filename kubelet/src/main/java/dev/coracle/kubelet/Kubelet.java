package dev.coracle.kubelet;

import dev.coracle.client.ApiEventRecorder;
import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.kubelet.admission.Admission;
import dev.coracle.kubelet.container.ContainerConfigs;
import dev.coracle.kubelet.container.NodeSettings;
import dev.coracle.kubelet.container.Sandboxes;
import dev.coracle.kubelet.node.NodeHeartbeat;
import dev.coracle.kubelet.node.NodeRegistration;
import dev.coracle.kubelet.pod.PodContext;
import dev.coracle.kubelet.pod.PodWorkers;
import dev.coracle.kubelet.pod.RunningPods;
import dev.coracle.kubelet.probe.NetworkProber;
import dev.coracle.kubelet.server.KubeletServer;
import dev.coracle.kubelet.server.ServerConfig;
import dev.coracle.kubelet.source.NamedObjects;
import dev.coracle.kubelet.source.NodeClient;
import dev.coracle.kubelet.volume.Volumes;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.ImageService;
import dev.coracle.runtime.RuntimeService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The node agent of one node. Closing it leaves its containers running: the next one takes them over. */
public final class Kubelet implements AutoCloseable {
    private static final Duration SYNC_LIMIT = Duration.ofSeconds(30);

    /** How soon what belongs to no pod is removed. */
    private static final Duration SWEEP_PERIOD = Duration.ofMinutes(1);

    private final KubeletConfig config;
    private final RuntimeService runtime;
    private final ClientInformers informers;
    private final Informer pods;
    private final Informer services;
    private final NamedObjects named;
    private final NetworkProber prober;
    private final PodWorkers workers;
    private final NodeRegistration registration;
    private final NodeHeartbeat heartbeat;
    private final KubeletServer server;
    private final Environment environment;
    private @Nullable AutoCloseable containerEvents;
    private Timers.@Nullable Timer sweep;

    /** @param client with the identity {@code system:node:<name>} */
    public Kubelet(
            KubeletConfig config, Client client, RuntimeService runtime, ImageService images, Environment environment) {
        this.config = config;
        this.runtime = runtime;
        this.environment = environment;
        this.informers = new ClientInformers(client, environment);
        this.pods = informers.of(Resources.PODS, "spec.nodeName=" + config.nodeName());
        this.services = informers.of(Resources.SERVICES);
        EventRecorder events = new ApiEventRecorder(client, environment, "kubelet", config.nodeName());
        NodeSettings node = new NodeSettings(
                config.nodeName(),
                config.nodeIp(),
                config.stateDir().resolve("pods"),
                config.stateDir().resolve("logs"),
                config.clusterDns(),
                config.clusterDomain(),
                config.cpuMillis(),
                config.memoryBytes());
        this.named = new NamedObjects(client, environment, this::objectChanged);
        this.prober = new NetworkProber(runtime);
        Client podClient = new NodeClient(client, named);
        this.workers = new PodWorkers(new PodContext(
                node,
                podClient,
                runtime,
                images,
                environment,
                events,
                new Volumes(node.pods(), podClient, environment, node.resourceFields()),
                prober,
                this::servicesFor,
                new ContainerConfigs(node, podClient),
                new Sandboxes(node),
                new Admission(
                        () -> client.get(Resources.NODES, "", config.nodeName()).object())));
        this.registration = new NodeRegistration(config, client, images, environment.clock());
        this.heartbeat = new NodeHeartbeat(config.nodeName(), client, environment, registration, events);
        this.server = new KubeletServer(
                new ServerConfig(
                        config.nodeName(),
                        config.nodeIp(),
                        KubeletConfig.SERVER_PORT,
                        config.servingCertificate(),
                        config.servingKey(),
                        config.clientCa()),
                new RunningPods(pods, runtime, config.componentLogs()),
                runtime,
                environment);
    }

    /** Registers the node and begins to run its pods. */
    public void start() {
        try {
            Files.createDirectories(config.stateDir().resolve("pods"));
            Files.createDirectories(config.stateDir().resolve("logs"));
        } catch (IOException e) {
            throw new UncheckedIOException("the kubelet's directory " + config.stateDir() + " cannot be made", e);
        }
        server.start();
        containerEvents =
                runtime.containerEvents((sandbox, container, state) -> workers.containerChanged(sandbox, container));
        // First what a pod names, so that its worker finds it watched.
        pods.handle(named::onChange);
        pods.handle(workers::onChange);
        informers.start();
        if (!informers.awaitSync(SYNC_LIMIT)) {
            throw new IllegalStateException("the API server did not list what node " + config.nodeName() + " needs");
        }
        workers.start();
        workers.removeOrphans();
        sweep = environment.timers().every(SWEEP_PERIOD, workers::removeOrphans);
        heartbeat.start();
    }

    private void objectChanged(GroupVersionResource resource, String namespace, String name) {
        workers.objectChanged(resource, namespace, name);
    }

    /** The namespace's Services and the API server's, for environment variables. */
    private List<Unstructured> servicesFor(String namespace) {
        List<Unstructured> found = new ArrayList<>();
        services.list(namespace).forEach(r -> found.add(r.object()));
        if (!namespace.equals("default")) {
            services.get("default", "kubernetes").ifPresent(r -> found.add(r.object()));
        }
        return found;
    }

    /** Ends the agent; its node's lease runs out. */
    @Override
    public void close() {
        if (sweep != null) {
            sweep.cancel();
            sweep = null;
        }
        heartbeat.close();
        server.close();
        informers.close();
        named.close();
        AutoCloseable listening = containerEvents;
        containerEvents = null;
        if (listening != null) {
            try {
                listening.close();
            } catch (Exception e) {
                System.getLogger("coracle.kubelet").log(System.Logger.Level.WARNING, "while stopping", e);
            }
        }
        workers.close();
        prober.close();
    }
}
