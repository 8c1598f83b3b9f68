package dev.coracle.cluster;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.ApiServerConfig;
import dev.coracle.apiserver.FrontProxy;
import dev.coracle.apiserver.authentication.LegacyTokens;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.telemetry.WorkQueues;
import dev.coracle.client.ApiEventRecorder;
import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.ListOptions;
import dev.coracle.cluster.control.ControlServer;
import dev.coracle.cluster.pki.KeyPairPem;
import dev.coracle.cluster.pki.Pki;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.ControllersConfig;
import dev.coracle.controllers.flowcontrol.FlowSchemaController;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.env.Together;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.HostNetwork;
import dev.coracle.network.HostNetworkConfig;
import dev.coracle.network.dns.DnsConfig;
import dev.coracle.network.dns.DnsServer;
import dev.coracle.network.ingress.IngressConfig;
import dev.coracle.network.ingress.IngressController;
import dev.coracle.network.policy.PolicyConfig;
import dev.coracle.network.policy.PolicyEnforcer;
import dev.coracle.network.proxy.ServiceProxy;
import dev.coracle.network.proxy.ServiceProxyConfig;
import dev.coracle.runtime.oci.OciImageStore;
import dev.coracle.store.Store;
import dev.coracle.store.embedded.EmbeddedStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A whole cluster, assembled by hand: read {@link #start} from top to bottom. What was started is stopped in the opposite
 * order.
 */
public final class Cluster implements AutoCloseable {
    /** Where the API server listens on the control plane's address, for nodes and pods. */
    public static final int API_PORT = 6443;

    private static final Duration FORWARDING_CHECK = Duration.ofSeconds(30);
    /** At the most; it is not left behind half written. */
    private static final Duration MAKING_OF_A_KEY = Duration.ofSeconds(30);

    private final ClusterPaths paths;
    private final ClusterDescription description;
    private final Environment environment;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private volatile @Nullable Nodes nodes;
    private @Nullable ApiServer server;
    private @Nullable OciImageStore images;
    private @Nullable HostNetwork host;

    public Cluster(ClusterPaths paths, ClusterDescription description, Environment environment) {
        this.paths = paths;
        this.description = description;
        this.environment = environment;
    }

    /** Starts everything and returns when all nodes are Ready. */
    public void start() throws IOException {
        ClusterNetwork network = description.network();
        paths.makePrivate();
        HostNetwork ground = new HostNetwork(HostNetworkConfig.of(
                description.name(), description.index(), description.nodes().size()));
        host = ground;
        Pki pki = keysBeside(ground);
        running.push(environment.timers().every(FORWARDING_CHECK, ground::permitForwarding)::cancel);

        ComponentLogs logs = new ComponentLogs(paths.logs(), environment.clock());
        logs.attach();
        running.push(logs);
        Store store = EmbeddedStore.open(paths.store(), environment);
        running.push(store);
        ApiServer api = apiServer(pki, store, network);
        api.start();
        running.push(api);
        server = api;
        api.listen(new InetSocketAddress("127.0.0.1", description.apiPort()));
        writeKubeconfig(pki);

        Client admin = api.client(UserInfo.component("system:coracle"));
        SystemObjects objects = new SystemObjects(admin);
        objects.ensure(network, API_PORT);
        objects.addons(description.addons());
        objects.tell("https://" + network.nodeIp(0) + ":" + API_PORT, pki.caCertificate());

        Client manager = api.client(UserInfo.component("system:kube-controller-manager"));
        ClientInformers informers = new ClientInformers(manager, environment);
        var config = new ControllersConfig(paths.volumes(), pki.caCertificate(), Duration.ofSeconds(50))
                .signing(pki.caKey(), new LegacyTokens(pki::serviceAccountKey)::sign)
                .controllers(description.controllers())
                .addons(description.addons(), network.nodeIp(0))
                .ranges(List.of(network.nodeRange()), takenRanges(network));
        var deciders = new Deciders(
                manager,
                api.client(UserInfo.component("system:kube-scheduler")),
                informers,
                environment,
                config,
                new SchedulerConfig(paths).read(),
                description.leaderElect(),
                description.nodes().getFirst() + "_" + environment.entropy().uuid());
        deciders.start();
        var flows = new FlowSchemaController(new ControllerContext(
                api.client(UserInfo.component("system:apiserver")), informers, environment, config));
        api.telemetry().add(new WorkQueues(deciders::metrics));
        startNetwork(api, informers, pki, network, logs);
        SequencedMap<String, String> addresses = new LinkedHashMap<>();
        description.nodes().forEach(n -> addresses.put(n, network.nodeIp(addresses.size())));
        ComponentPods components = new ComponentPods(manager, informers, environment, addresses);
        informers.start();
        running.push(informers);
        running.push(deciders);
        running.push(flows);

        OciImageStore imageStore = new OciImageStore(paths.images(), environment);
        images = imageStore;
        running.push(imageStore);
        Nodes all = new Nodes(
                description.nodes(),
                i -> new Node(paths, description, i, api, pki, imageStore, environment),
                environment.tasks());
        nodes = all;
        all.startAll();
        awaitReady(admin);
        components.start();
        running.push(components);
        var control = new ControlServer(
                MachineRegistry.controlSocket(description.index()),
                words -> command(all, deciders, words),
                environment);
        control.start();
        running.push(control);
        // For the first pod not to wait for it.
        Tasks.Task key = environment.tasks().start("service-account-key", () -> {
            String unused = pki.serviceAccountKey();
        });
        running.push(() -> key.join(MAKING_OF_A_KEY));
    }

    /** Those of our own nodes are theirs also while they are down. */
    private List<String> takenRanges(ClusterNetwork network) {
        List<String> taken = new ArrayList<>();
        taken.add(network.serviceCidr());
        for (int i = 0; i < description.nodes().size(); i++) {
            taken.add(network.podCidr(i));
        }
        return taken;
    }

    /** Of whoever has the rights of this process, and sits at its socket. */
    private static String command(Nodes nodes, Deciders deciders, List<String> words) {
        return words.size() == 4
                        && words.getFirst().equals("why")
                        && words.get(1).equals("pod")
                ? Json.string(deciders.why(words.get(2), words.get(3)))
                : nodes.command(words);
    }

    /** The first keys take as long as the tools that make the ground, and need nothing of it. */
    private Pki keysBeside(HostNetwork ground) {
        var keys = new AtomicReference<Pki>();
        Together.run(environment.tasks(), 2, 2, i -> {
            if (i == 0) {
                keys.set(Pki.open(paths.pki(), environment));
            } else {
                ground.up();
            }
        });
        return Objects.requireNonNull(keys.get());
    }

    private ApiServer apiServer(Pki pki, Store store, ClusterNetwork network) throws IOException {
        KeyPairPem serving = pki.server(
                "apiserver",
                "kube-apiserver",
                List.of(
                        "kubernetes",
                        "kubernetes.default",
                        "kubernetes.default.svc",
                        "kubernetes.default.svc.cluster.local",
                        "localhost",
                        "127.0.0.1",
                        network.nodeIp(0),
                        network.apiServiceIp()));
        KeyPairPem kubelets = pki.client("apiserver-kubelet-client", "kube-apiserver-kubelet-client", UserInfo.MASTERS);
        var front = pki.frontProxy(FrontProxy.NAME, environment);
        return new ApiServer(
                new ApiServerConfig(
                        store,
                        environment,
                        network.nodeIp(0),
                        API_PORT,
                        serving.certificate(),
                        serving.key(),
                        pki.caCertificate(),
                        kubelets.certificate(),
                        kubelets.key(),
                        network.serviceCidr(),
                        pki::serviceAccountKey,
                        new FrontProxy(
                                front.authority(),
                                front.client().certificate(),
                                front.client().key()),
                        new EncryptionConfig(paths).read(environment.entropy())),
                new Usage(this::readings));
    }

    private List<Usage.NodeReading> readings() {
        Nodes all = nodes;
        return all == null ? List.of() : all.usage();
    }

    private void startNetwork(
            ApiServer api, ClientInformers informers, Pki pki, ClusterNetwork network, ComponentLogs logs)
            throws IOException {
        List<String> nodeIps = new ArrayList<>();
        for (int i = 0; i < description.nodes().size(); i++) {
            nodeIps.add(network.nodeIp(i));
        }
        ServiceProxy proxy = new ServiceProxy(
                new ServiceProxyConfig(
                        description.name(),
                        description.index(),
                        nodeIps,
                        network.serviceCidr(),
                        List.of(network.dnsServiceIp())),
                api.client(UserInfo.component("system:kube-proxy")),
                informers,
                environment);
        proxy.start();
        running.push(proxy);
        List<PolicyConfig.Node> ranges = new ArrayList<>();
        for (int i = 0; i < description.nodes().size(); i++) {
            ranges.add(new PolicyConfig.Node(network.podCidr(i), List.of(network.nodeIp(i))));
        }
        var policies = new PolicyEnforcer(
                new PolicyConfig(description.name(), ranges, network.dnsServiceIp()), informers, environment);
        policies.start();
        running.push(policies);
        DnsServer dns = new DnsServer(
                new DnsConfig(
                        network.dnsServiceIp(),
                        53,
                        "cluster.local",
                        List.of("10." + (96 + network.index()) + ".", "10." + (244 - network.index()) + "."),
                        List.of(),
                        logs.of("coredns")),
                informers,
                environment);
        dns.start();
        running.push(dns);
        KeyPairPem fallback = pki.server("ingress", "ingress.local", List.of("ingress.local", network.nodeIp(0)));
        Client ingressClient = api.client(UserInfo.component("system:coracle:ingress-controller"));
        IngressController ingress = new IngressController(
                new IngressConfig(
                        List.of(new InetSocketAddress(network.nodeIp(0), 80)),
                        List.of(new InetSocketAddress(network.nodeIp(0), 443)),
                        network.nodeIp(0),
                        fallback.certificate(),
                        fallback.key(),
                        logs.of("controller")),
                informers,
                ingressClient,
                new ApiEventRecorder(ingressClient, environment, "nginx-ingress-controller", ""),
                environment);
        ingress.start();
        running.push(ingress);
    }

    private void writeKubeconfig(Pki pki) throws IOException {
        KeyPairPem admin = pki.client("admin", "kubernetes-admin", UserInfo.MASTERS);
        String text = Kubeconfig.text(description.name(), description.server(), pki.caCertificate(), admin);
        Files.deleteIfExists(paths.kubeconfig());
        Files.createFile(
                paths.kubeconfig(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(paths.kubeconfig(), text);
    }

    private void awaitReady(Client client) {
        var ready = new CountDownLatch(1);
        ClientInformers watch = new ClientInformers(client, environment);
        var informer = watch.of(Resources.NODES);
        informer.handle((before, after) -> {
            long n = client.list(Resources.NODES, "", ListOptions.ALL).items().stream()
                    .filter(r -> isReady(r.object()))
                    .count();
            if (n >= description.nodes().size()) {
                ready.countDown();
            }
        });
        watch.start();
        try {
            if (!ready.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("not all nodes became Ready within 30 s; see " + paths.log());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the nodes", e);
        } finally {
            watch.close();
        }
    }

    private static boolean isReady(Unstructured node) {
        return node.objects("status", "conditions").stream()
                .anyMatch(c ->
                        c.string("type").equals("Ready") && c.string("status").equals("True"));
    }

    /** The API as the administrator sees it, in process. */
    public Client client() {
        ApiServer api = server;
        if (api == null) {
            throw new IllegalStateException("the cluster is not started");
        }
        return api.client(UserInfo.ADMIN);
    }

    /** The cluster's keys; those of its components are made on its start. */
    public Pki pki() {
        return Pki.open(paths.pki(), environment);
    }

    public OciImageStore images() {
        OciImageStore store = images;
        if (store == null) {
            throw new IllegalStateException("the cluster is not started");
        }
        return store;
    }

    /** Stops all, its containers too; what is kept lies under the cluster's directory. */
    @Override
    public void close() {
        Nodes all = nodes;
        nodes = null;
        if (all != null) {
            all.stopAll();
        }
        while (!running.isEmpty()) {
            try {
                running.pop().close();
            } catch (Exception e) {
                System.getLogger("coracle.cluster").log(System.Logger.Level.WARNING, "while stopping", e);
            }
        }
        HostNetwork h = host;
        if (h != null) {
            try {
                h.down();
            } catch (UncheckedIOException e) {
                System.getLogger("coracle.cluster").log(System.Logger.Level.WARNING, "while stopping", e);
            }
        }
    }
}
