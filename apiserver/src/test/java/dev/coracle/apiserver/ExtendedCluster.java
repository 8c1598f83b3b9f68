package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.yaml;
import static dev.coracle.apiserver.ExtensionServer.PREFIX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.aggregation.Reach;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.http.Limits;
import dev.coracle.apiserver.metrics.UsageSource;
import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.memory.MemoryStore;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A cluster in which a server of somebody else answers for a group. */
abstract class ExtendedCluster {
    static final GroupVersionResource API_SERVICES =
            new GroupVersionResource("apiregistration.k8s.io", "v1", "apiservices");
    static final String NAME = "v1.widgets.example.com";
    static final String WIDGETS = PREFIX + "/namespaces/default/widgets";
    static final String ONE =
            "{\"apiVersion\":\"widgets.example.com/v1\",\"kind\":\"Widget\",\"metadata\":{\"name\":\"one\"}}";

    SystemEnvironment system;
    MemoryStore store;
    Certificates ours;
    Certificates front;
    ExtensionServer extension;
    ApiServer server;
    Client admin;
    HttpClient ann;
    UsageSource usage = UsageSource.NONE;
    /** Of another server, where the extension server's own will not do. */
    volatile int port;

    @BeforeEach
    void start() throws Exception {
        system = new SystemEnvironment((name, e) -> {});
        store = new MemoryStore(system.environment());
        ours = new Certificates(system.environment());
        front = new Certificates(system.environment());
        extension = new ExtensionServer(front.context(front.issueTo("widgets.default.svc")));
        begin(Duration.ofSeconds(30));
    }

    void begin(Duration patience) throws Exception {
        Certificates.Signed serving = ours.issue("CN=kube-apiserver");
        Certificates.Signed shown = front.issue("CN=front-proxy-client");
        var config = new ApiServerConfig(
                store,
                system.environment(),
                "127.0.0.1",
                0,
                serving.pem(),
                serving.key(),
                ours.authorityPem(),
                serving.pem(),
                serving.key(),
                "10.96.0.0/16",
                () -> "",
                new FrontProxy(front.authorityPem(), shown.pem(), shown.key()));
        var loopback = InetAddress.getLoopbackAddress();
        server = new ApiServer(
                config,
                usage,
                Limits.STANDARD,
                new Reach(
                        at -> new InetSocketAddress(loopback, port > 0 ? port : extension.port()),
                        patience,
                        Duration.ofSeconds(5)));
        server.start();
        admin = server.client(UserInfo.ADMIN);
        ann = client("CN=ann,O=system:masters");
    }

    HttpClient client(String subject) throws Exception {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(ours.context(ours.issue(subject)))
                .build();
    }

    @AfterEach
    void stop() {
        ann.shutdownNow();
        server.close();
        store.close();
        extension.close();
        system.close();
    }

    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(
                URI.create("https://127.0.0.1:" + server.address().getPort() + path));
    }

    HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder b = to(path);
        return ann.send((headers.length == 0 ? b : b.headers(headers)).build(), HttpResponse.BodyHandlers.ofString());
    }

    Unstructured document(String path, String... headers) throws Exception {
        HttpResponse<String> r = get(path, headers);
        assertThat(r.statusCode()).as(r.body()).isEqualTo(200);
        return Unstructured.parse(r.body());
    }

    HttpResponse<String> send(String method, String path, String body) throws Exception {
        return ann.send(
                to(path).header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    // ---- installing

    void service() {
        admin.create(Resources.SERVICES, "default", yaml("""
                {apiVersion: v1, kind: Service, metadata: {name: widgets}, spec: {ports: [{port: 443, targetPort: 8443}]}}
                """), WriteOptions.DEFAULT);
    }

    void endpoint(boolean ready) {
        admin.create(Resources.ENDPOINT_SLICES, "default", yaml("""
                {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4,
                 metadata: {name: widgets-1, labels: {kubernetes.io/service-name: widgets}},
                 ports: [{name: '', port: 8443, protocol: TCP}],
                 endpoints: [{addresses: [10.244.0.9], conditions: {ready: %s}}]}
                """.formatted(ready)), WriteOptions.DEFAULT);
    }

    void register() throws Exception {
        register(front.authorityPem());
    }

    void register(String authority) {
        String bundle = Base64.getEncoder().encodeToString(authority.getBytes(StandardCharsets.UTF_8));
        admin.create(API_SERVICES, "", yaml("""
                {apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: %s},
                 spec: {group: widgets.example.com, version: v1, groupPriorityMinimum: 17000, versionPriority: 5,
                        caBundle: %s, service: {namespace: default, name: widgets}}}
                """.formatted(NAME, bundle)), WriteOptions.DEFAULT);
    }

    void install() throws Exception {
        service();
        endpoint(true);
        register();
        awaitCondition("True Passed all checks passed");
    }

    static String condition(Unstructured service) {
        return service.objects("status", "conditions").stream()
                .map(c -> c.string("status") + " " + c.string("reason") + " " + c.string("message"))
                .findFirst()
                .orElse("");
    }

    void awaitCondition(String begin) throws Exception {
        await(NAME, o -> condition(o).startsWith(begin));
    }

    void await(String name, Predicate<Unstructured> what) throws Exception {
        var found = new CompletableFuture<Unstructured>();
        try (var watch = admin.watch(API_SERVICES, "", ListOptions.ALL, new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                Unstructured o = event.revision().object();
                if (o.name().equals(name) && what.test(o)) {
                    found.complete(o);
                }
            }

            @Override
            public void onClosed(StatusException cause) {
                found.completeExceptionally(cause);
            }
        })) {
            assertThat(watch).isNotNull();
            found.get();
        }
    }

    void touchService() {
        admin.patch(
                Resources.SERVICES,
                "default",
                "widgets",
                Patch.merge(yaml("{metadata: {annotations: {touched: x}}}")),
                WriteOptions.DEFAULT);
    }
}
