package dev.coracle.controllers;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.ApiEventRecorder;
import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A server in memory and controllers, in virtual time: {@link #settle()} runs all that is to be done now. */
public final class World implements AutoCloseable {
    private final VirtualEnvironment time = new VirtualEnvironment(7);
    private final ApiServer server = ApiServer.inMemory(time.environment());
    private final Client client = server.client(UserInfo.ADMIN);
    private final ClientInformers informers = new ClientInformers(client, time.environment());
    private final ControllerContext context;
    private final List<AutoCloseable> running = new ArrayList<>();

    public World(Path volumes) {
        this(volumes, "-----BEGIN CERTIFICATE-----", "");
    }

    /** With an authority that signs certificates, PEM. */
    public World(Path volumes, String ca, String caKey) {
        this(new ControllersConfig(volumes, ca, Duration.ofSeconds(50))
                .signing(caKey, (account, secret) -> "token of " + account.name() + " in " + secret.name()));
    }

    /** With add-ons, whose servers listen there. */
    public World(Path volumes, List<Addon> addons, String address) {
        this(new ControllersConfig(volumes, "", Duration.ofSeconds(50)).addons(addons, address));
    }

    private World(ControllersConfig config) {
        this.context = new ControllerContext(client, informers, time.environment(), config);
    }

    /** What a controller under test is given. */
    public ControllerContext context() {
        return context;
    }

    public EventRecorder recorder() {
        return new ApiEventRecorder(client, time.environment(), "test", "");
    }

    public Client client() {
        return client;
    }

    public World run(Function<ControllerContext, Controller> controller) {
        running.add(controller.apply(context));
        return this;
    }

    /** All of them, as the cluster runs them. */
    public World runAll() {
        var all = new Controllers(client, informers, time.environment(), context.config());
        all.start();
        running.add(all);
        return this;
    }

    /** To be called when the controllers are there. */
    public World start() {
        informers.start();
        return settle();
    }

    public World settle() {
        // Virtual tasks may wait a few milliseconds for one another; a second is nothing for the controllers' clocks.
        time.advance(Duration.ofSeconds(1));
        return this;
    }

    public World advance(Duration duration) {
        time.advance(duration);
        return this;
    }

    /** Runs exactly what is due at this instant. */
    public World step(Duration duration) {
        time.advance(duration);
        return this;
    }

    public java.time.Instant now() {
        return time.environment().clock().now();
    }

    /** A kubelet on each node: runs and readies what is scheduled or not, ends what is deleted. */
    public Kubelet kubelet() {
        Kubelet kubelet = new Kubelet(client, informers, time.environment());
        running.add(kubelet);
        return kubelet;
    }

    public Revision create(GroupVersionResource resource, String namespace, String json) {
        return client.create(resource, namespace, tree(json), WriteOptions.DEFAULT);
    }

    public Unstructured get(GroupVersionResource resource, String name) {
        return client.get(resource, "default", name).object();
    }

    public boolean exists(GroupVersionResource resource, String namespace, String name) {
        return client.list(resource, namespace, ListOptions.ALL).items().stream()
                .anyMatch(r -> r.name().equals(name));
    }

    public List<Unstructured> list(GroupVersionResource resource, String namespace) {
        return client.list(resource, namespace, ListOptions.ALL).items().stream()
                .map(Revision::object)
                .toList();
    }

    public List<Unstructured> pods() {
        return list(Resources.PODS, "default");
    }

    public void patch(GroupVersionResource resource, String namespace, String name, String json) {
        client.patch(resource, namespace, name, Patch.merge(tree(json)), WriteOptions.DEFAULT);
    }

    public void patchStatus(GroupVersionResource resource, String namespace, String name, String json) {
        client.patch(resource, namespace, name, Patch.merge(tree(json)), WriteOptions.STATUS);
    }

    public void delete(GroupVersionResource resource, String namespace, String name, String propagation) {
        client.delete(resource, namespace, name, DeleteOptions.DEFAULT.propagation(propagation));
    }

    /** Messages of the events of a reason, in the order in which they were written. */
    public List<String> events(String reason) {
        return list(Resources.EVENTS, "default").stream()
                .filter(e -> e.string("reason").equals(reason))
                .sorted(java.util.Comparator.comparing(Unstructured::resourceVersion, World::byNumber))
                .map(e -> e.string("message"))
                .toList();
    }

    private static int byNumber(String a, String b) {
        return Long.compare(Long.parseLong(a), Long.parseLong(b));
    }

    public static Unstructured condition(Unstructured object, String type) {
        return object.objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals(type))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no condition " + type + " in " + object));
    }

    public static Unstructured tree(String json) {
        return Unstructured.parse(json.replace('\'', '"'));
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable c : running) {
            c.close();
        }
        informers.close();
        server.close();
    }
}
