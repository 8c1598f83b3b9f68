package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.yaml;
import static dev.coracle.apiserver.ExtensionServer.PREFIX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.metrics.UsageSource;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server of somebody else answers for a group, and clients do not notice. */
@Timeout(60)
class AggregationStoryTest extends ExtendedCluster {
    private static final String AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    @Test
    void itsObjectsAreUsedLikeAnyOthers() throws Exception {
        install();
        assertThat(send("POST", WIDGETS, ONE).statusCode()).isEqualTo(201);
        ExtensionServer.Asked posted = extension.asked.take();
        assertThat(posted.uri()).isEqualTo(WIDGETS);
        assertThat(posted.body()).isEqualTo(ONE);
        assertThat(posted.peer()).isEqualTo("CN=front-proxy-client");
        assertThat(posted.header("X-Remote-User")).containsExactly("ann");
        assertThat(posted.header("X-Remote-Group")).containsExactlyInAnyOrder("system:masters", "system:authenticated");
        assertThat(posted.header("X-Remote-Extra-Authentication.kubernetes.io%2Fcredential-Id"))
                .singleElement()
                .asString()
                .startsWith("X509SHA256=");
        assertThat(document(WIDGETS + "/one").name()).isEqualTo("one");
        assertThat(document(WIDGETS + "?labelSelector=a%3Db&limit=5").objects("items"))
                .hasSize(1);
        extension.asked.take();
        assertThat(extension.asked.take().uri()).isEqualTo(WIDGETS + "?labelSelector=a%3Db&limit=5");
        assertThat(get(WIDGETS + "/two").statusCode()).isEqualTo(404);
        assertThat(send("DELETE", WIDGETS + "/one", "").statusCode()).isEqualTo(200);
        assertThat(document(WIDGETS).objects("items")).isEmpty();
    }

    @Test
    void itIsFoundWhereClientsLook() throws Exception {
        install();
        List<String> groups = document("/apis").objects("groups").stream()
                .map(g -> g.string("name"))
                .toList();
        assertThat(groups).startsWith("apiregistration.k8s.io", "apps", "events.k8s.io", "authentication.k8s.io");
        // As upstream, among equals by name: v1.rbac… before v1.widgets….
        assertThat(groups)
                .containsSubsequence("policy", "rbac.authorization.k8s.io", "widgets.example.com", "storage.k8s.io");
        assertThat(document("/apis/autoscaling").string("preferredVersion", "version"))
                .isEqualTo("v2");
        assertThat(document("/apis/widgets.example.com").string("preferredVersion", "groupVersion"))
                .isEqualTo("widgets.example.com/v1");
        assertThat(document(PREFIX).objects("resources")).hasSize(2);
        Unstructured aggregated = document("/apis", "Accept", AGGREGATED).objects("items").stream()
                .filter(g -> g.string("metadata", "name").equals("widgets.example.com"))
                .findFirst()
                .orElseThrow();
        Unstructured version = aggregated.objects("versions").getFirst();
        assertThat(version.string("freshness")).isEqualTo("Current");
        Unstructured widgets = version.objects("resources").getFirst();
        assertThat(widgets.string("resource")).isEqualTo("widgets");
        assertThat(widgets.string("scope")).isEqualTo("Namespaced");
        assertThat(widgets.stringList("shortNames")).containsExactly("wi");
        assertThat(widgets.objects("subresources").getFirst().string("subresource"))
                .isEqualTo("status");
        assertThat(document("/").stringList("paths")).contains(PREFIX);
    }

    @Test
    void whatItsObjectsAreIsFoundToo() throws Exception {
        install();
        assertThat(document("/openapi/v3").string("paths", PREFIX.substring(1), "serverRelativeURL"))
                .isEqualTo("/openapi/v3" + PREFIX + "?hash=ABC");
        assertThat(document("/openapi/v3" + PREFIX + "?hash=ABC").string("info", "title"))
                .isEqualTo("Widgets");
        Unstructured all = document("/openapi/v2");
        assertThat(all.string("paths", PREFIX + "/widgets", "get", "schema", "$ref"))
                .isEqualTo("#/definitions/Widget");
        String metadata = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
        assertThat(all.string("definitions", "Widget", "properties", "metadata", "$ref"))
                .isEqualTo("#/definitions/" + metadata + "_v2");
        assertThat(all.string("definitions", metadata + "_v2", "description")).isEqualTo("older");
        assertThat(all.string("definitions", metadata, "description")).startsWith("ObjectMeta is metadata");
        assertThat(all.has("definitions", "Unused")).isFalse();
        assertThat(all.string("paths", "/apis/apps/v1/deployments", "get", "description"))
                .isNotEqualTo("not its own");
    }

    @Test
    void aWatchIsToldOfEachEventWhenItComes() throws Exception {
        install();
        HttpResponse<InputStream> watch =
                ann.send(to(WIDGETS + "?watch=true").build(), HttpResponse.BodyHandlers.ofInputStream());
        try (var lines = new BufferedReader(new InputStreamReader(watch.body(), StandardCharsets.UTF_8))) {
            extension.events.add("{\"type\":\"ADDED\"}");
            assertThat(lines.readLine()).isEqualTo("{\"type\":\"ADDED\"}");
            extension.events.add("{\"type\":\"DELETED\"}");
            assertThat(lines.readLine()).isEqualTo("{\"type\":\"DELETED\"}");
            extension.events.add("");
            assertThat(lines.readLine()).isNull();
        }
    }

    @Test
    void bothEndsMayAgreeOnAnotherProtocol() throws Exception {
        try (var tunnels = (SSLServerSocket) front.context(front.issueTo("widgets.default.svc"))
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            port = tunnels.getLocalPort();
            system.environment().tasks().start("tunnels", () -> tunnels(tunnels));
            install();
            try (var socket = (SSLSocket) ours.context(ours.issue("CN=ann,O=system:masters"))
                    .getSocketFactory()
                    .createSocket("127.0.0.1", server.address().getPort())) {
                socket.getOutputStream()
                        .write(("GET " + WIDGETS + "/one/exec HTTP/1.1\r\nHost: api\r\nConnection: Upgrade\r\n"
                                        + "Upgrade: SPDY/3.1\r\nX-Remote-User: root\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(head(socket.getInputStream()))
                        .startsWith("HTTP/1.1 101 ")
                        .contains("asked-as: ann\r\n");
                socket.getOutputStream().write("to and fro".getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(socket.getInputStream().readNBytes(10), StandardCharsets.US_ASCII))
                        .isEqualTo("to and fro");
            }
        }
    }

    /** Sends back what it is sent, where a client wants to switch; any other it answers with nothing much. */
    private void tunnels(SSLServerSocket listener) {
        try {
            while (true) {
                var socket = listener.accept();
                system.environment().tasks().start("tunnel", () -> {
                    try (socket) {
                        String head = head(socket.getInputStream());
                        if (!head.contains("SPDY/3.1")) {
                            socket.getOutputStream()
                                    .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
                                            .getBytes(StandardCharsets.US_ASCII));
                            return;
                        }
                        String user = head.replaceAll("(?is).*\r\nx-remote-user: ([^\r]*).*", "$1");
                        socket.getOutputStream()
                                .write(
                                        ("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
                                                        + "asked-as: " + user + "\r\n\r\n")
                                                .getBytes(StandardCharsets.US_ASCII));
                        byte[] bytes = new byte[1024];
                        for (int n = socket.getInputStream().read(bytes);
                                n > 0;
                                n = socket.getInputStream().read(bytes)) {
                            socket.getOutputStream().write(bytes, 0, n);
                        }
                    } catch (IOException e) {
                        // The client is gone.
                    }
                });
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("EOF");
            }
            head.append((char) b);
        }
        return head.toString();
    }

    @Test
    void componentsReadInProcessWhatClientsReadThroughTheFrontDoor() throws Exception {
        install();
        var widgets = new GroupVersionResource(ExtensionServer.GROUP, "v1", "widgets");
        assertThat(send("POST", WIDGETS, ONE).statusCode()).isEqualTo(201);
        extension.asked.take();
        Client autoscaler = server.client(new UserInfo("bob", java.util.Set.of("system:masters")));
        assertThat(autoscaler.read(widgets, "default", "one", "", Map.of()).name())
                .isEqualTo("one");
        ExtensionServer.Asked asked = extension.asked.take();
        assertThat(asked.peer()).isEqualTo("CN=front-proxy-client");
        assertThat(asked.header("X-Remote-User")).containsExactly("bob");
        assertThat(autoscaler
                        .read(widgets, "default", "", "", Map.of("labelSelector", "a=b", "limit", ""))
                        .objects("items"))
                .hasSize(1);
        assertThat(extension.asked.take().uri()).isEqualTo(WIDGETS + "?labelSelector=a%3Db");
        assertThatThrownBy(() -> autoscaler.read(widgets, "default", "two", "", Map.of()))
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.code()).isEqualTo(404));
        Client nobody = server.client(new UserInfo("eve", java.util.Set.of()));
        assertThatThrownBy(() -> nobody.read(widgets, "default", "one", "", Map.of()))
                .hasMessage("widgets.widgets.example.com \"one\" is forbidden: User \"eve\" cannot get resource"
                        + " \"widgets\" in API group \"widgets.example.com\" in the namespace \"default\"");
        extension.close();
        assertThatThrownBy(() -> autoscaler.read(widgets, "default", "one", "", Map.of()))
                .hasMessage("the server is currently unable to handle the request");
        assertThatThrownBy(() -> autoscaler.read(Resources.PODS, "default", "one", "", Map.of()))
                .hasMessage("the server could not find the requested resource");
    }

    @Test
    void componentsReadInProcessWhatThisServerMeasures() throws Exception {
        var pods = new GroupVersionResource("metrics.k8s.io", "v1beta1", "pods");
        assertThatThrownBy(() -> admin.read(pods, "default", "", "", Map.of()))
                .hasMessage("the server could not find the requested resource");
        server.close();
        usage = new Idle();
        begin(Duration.ofSeconds(30));
        assertThat(admin.read(pods, "default", "", "", Map.of("labelSelector", "a=b"))
                        .kind())
                .isEqualTo("PodMetricsList");
        assertThatThrownBy(() -> admin.read(pods, "default", "", "", Map.of("labelSelector", "a in (")))
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.code()).isEqualTo(400));
        assertThatThrownBy(() -> admin.read(pods, "default", "one", "log", Map.of()))
                .hasMessage("the server could not find the requested resource");
    }

    @Test
    void whoeverBringsTheirOwnMetricsServerIsAskedForMetrics() throws Exception {
        server.close();
        usage = new Idle();
        begin(Duration.ofSeconds(30));
        assertThat(document("/apis/metrics.k8s.io/v1beta1/nodes").kind()).isEqualTo("NodeMetricsList");
        Unstructured local =
                admin.get(API_SERVICES, "", "v1beta1.metrics.k8s.io").object();
        assertThat(local.string("metadata", "labels", "kube-aggregator.kubernetes.io/automanaged"))
                .isEqualTo("onstart");
        extension.at(
                "/apis/metrics.k8s.io/v1beta1",
                exchange -> ExtensionServer.send(exchange, 200, "{\"kind\":\"Theirs\"}"));
        service();
        endpoint(true);
        var theirs = Patch.merge(
                yaml("{spec: {service: {namespace: default, name: widgets}, insecureSkipTLSVerify: true}}"));
        admin.patch(API_SERVICES, "", "v1beta1.metrics.k8s.io", theirs, WriteOptions.DEFAULT);
        await("v1beta1.metrics.k8s.io", o -> condition(o).startsWith("True Passed"));
        assertThat(document("/apis/metrics.k8s.io/v1beta1/nodes").kind()).isEqualTo("Theirs");
        server.close();
        begin(Duration.ofSeconds(30));
        assertThat(admin.get(API_SERVICES, "", "v1beta1.metrics.k8s.io")
                        .object()
                        .string("spec", "service", "name"))
                .isEqualTo("widgets");
        // And when they take it away again, this server's are back at the next start at the latest.
        admin.delete(API_SERVICES, "", "v1beta1.metrics.k8s.io", DeleteOptions.DEFAULT);
        assertThat(document("/apis/metrics.k8s.io/v1beta1/nodes").kind()).isEqualTo("NodeMetricsList");
    }

    @Test
    void whatIsMissingIsTold() throws Exception {
        register();
        awaitCondition("False ServiceNotFound service/widgets in \"default\" is not present");
        HttpResponse<String> none = get(WIDGETS);
        assertThat(none.statusCode()).isEqualTo(503);
        assertThat(none.body()).isEqualTo("service unavailable\n");
        service();
        awaitCondition("False EndpointsNotFound cannot find endpointslices for service/widgets in \"default\"");
        endpoint(false);
        awaitCondition("False MissingEndpoints endpointslices for service/widgets in \"default\" have no addresses with"
                + " port name \"\"");
        admin.delete(Resources.ENDPOINT_SLICES, "default", "widgets-1", DeleteOptions.DEFAULT);
        endpoint(true);
        awaitCondition("True Passed");
        admin.patch(API_SERVICES, "", NAME, Patch.merge(yaml("{spec: {service: {port: 8080}}}")), WriteOptions.DEFAULT);
        awaitCondition("False ServicePortError service/widgets in \"default\" is not listening on port 8080");
    }

    @Test
    void oneThatIsDownIsNotAskedAndTheOthersAreServed() throws Exception {
        install();
        extension.close();
        assertThat(get(WIDGETS).statusCode()).isEqualTo(503);
        touchService();
        awaitCondition("False FailedDiscoveryCheck failing or missing response from https://10.244.0.9:8443" + PREFIX
                + ": Get \"https://10.244.0.9:8443" + PREFIX
                + "\": dial tcp 10.244.0.9:8443: connect: connection refused");
        assertThat(get(WIDGETS).body()).isEqualTo("service unavailable\n");
        // What it served is told still, and that it may be so no more.
        Unstructured version = document("/apis", "Accept", AGGREGATED).objects("items").stream()
                .filter(g -> g.string("metadata", "name").equals("widgets.example.com"))
                .findFirst()
                .orElseThrow()
                .objects("versions")
                .getFirst();
        assertThat(version.string("freshness")).isEqualTo("Stale");
        assertThat(version.objects("resources")).isNotEmpty();
        assertThat(get("/apis/apps/v1/deployments").statusCode()).isEqualTo(200);
    }

    @Test
    void withItsApiServiceTheGroupGoes() throws Exception {
        install();
        document("/apis/widgets.example.com");
        admin.delete(API_SERVICES, "", NAME, DeleteOptions.DEFAULT);
        assertThat(get(WIDGETS).statusCode()).isEqualTo(404);
        assertThat(get("/apis/widgets.example.com").statusCode()).isEqualTo(404);
        assertThat(get("/apis").body()).doesNotContain("widgets.example.com");
    }

    @Test
    void itFindsWhomToBelieve() {
        Unstructured map = admin.get(Resources.CONFIG_MAPS, "kube-system", "extension-apiserver-authentication")
                .object();
        assertThat(map.strings("data"))
                .containsEntry("requestheader-allowed-names", "[\"front-proxy-client\"]")
                .containsEntry("requestheader-username-headers", "[\"X-Remote-User\"]")
                .containsEntry("requestheader-group-headers", "[\"X-Remote-Group\"]")
                .containsEntry("requestheader-extra-headers-prefix", "[\"X-Remote-Extra-\"]");
        assertThat(map.string("data", "client-ca-file")).startsWith("-----BEGIN CERTIFICATE");
        assertThat(map.string("data", "requestheader-client-ca-file")).startsWith("-----BEGIN CERTIFICATE");
    }

    // ---- and what must not happen

    @Test
    void nobodySaysHimselfWhoHeIs() throws Exception {
        install();
        get(
                WIDGETS,
                "X-Remote-User",
                "root",
                "x-remote-group",
                "system:nodes",
                "X-Remote-Uid",
                "0",
                "X-Remote-Extra-Scope",
                "all",
                "Authorization",
                "Bearer secret");
        ExtensionServer.Asked asked = extension.asked.take();
        assertThat(asked.header("X-Remote-User")).containsExactly("ann");
        assertThat(asked.header("X-Remote-Group")).doesNotContain("system:nodes");
        assertThat(asked.header("X-Remote-Uid")).isEmpty();
        assertThat(asked.header("X-Remote-Extra-Scope")).isEmpty();
        assertThat(asked.header("Authorization")).isEmpty();

        get(WIDGETS, "Impersonate-User", "bob", "Impersonate-Group", "system:masters", "Impersonate-Uid", "7");
        ExtensionServer.Asked other = extension.asked.take();
        assertThat(other.header("Impersonate-User")).isEmpty();
        assertThat(other.header("X-Remote-User")).containsExactly("bob");
        assertThat(other.header("X-Remote-Uid")).containsExactly("7");
    }

    @Test
    void aNameStaysWhatItIs() throws Exception {
        install();
        HttpClient other = client("CN=jürgen 用户,O=system:masters");
        other.send(to(WIDGETS).build(), HttpResponse.BodyHandlers.ofString());
        other.shutdownNow();
        byte[] sent = extension.asked.take().header("X-Remote-User").getFirst().getBytes(StandardCharsets.ISO_8859_1);
        assertThat(new String(sent, StandardCharsets.UTF_8)).isEqualTo("jürgen 用户");
    }

    @Test
    void whoMayNotIsNotCarriedThere() throws Exception {
        install();
        HttpClient bob = client("CN=bob");
        HttpResponse<String> r = bob.send(to(WIDGETS).build(), HttpResponse.BodyHandlers.ofString());
        bob.shutdownNow();
        assertThat(r.statusCode()).isEqualTo(403);
        assertThat(extension.asked).isEmpty();
    }

    @Test
    void itIsAskedForExactlyWhatWasAuthorized() throws Exception {
        install();
        assertThat(get(PREFIX + "/namespaces/default/%2e%2e/kube-system/widgets")
                        .statusCode())
                .isEqualTo(400);
        assertThat(extension.asked).isEmpty();
        extension.events.add("");
        get(PREFIX + "/namespaces%2fdefault//widgets?a=b;watch=true&c=%23d");
        ExtensionServer.Asked asked = extension.asked.take();
        assertThat(asked.uri()).isEqualTo(WIDGETS + "?a=b&watch=true&c=%23d");
    }

    @Test
    void oneWithACertificateOfSomebodyElseIsNotBelieved() throws Exception {
        service();
        endpoint(true);
        register(ours.authorityPem());
        awaitCondition("True Passed");
        HttpResponse<String> r = get(WIDGETS);
        assertThat(r.statusCode()).isEqualTo(503);
        assertThat(r.body())
                .isEqualTo(
                        "error trying to reach service: tls: failed to verify certificate: x509: certificate signed by"
                                + " unknown authority\n");
        assertThat(extension.asked).isEmpty();
    }

    @Test
    void oneWithACertificateForAnotherNameIsNotBelieved() throws Exception {
        extension.close();
        extension = new ExtensionServer(front.context(front.issueTo("gadgets.default.svc")));
        install();
        HttpResponse<String> r = get(WIDGETS);
        assertThat(r.statusCode()).isEqualTo(503);
        assertThat(r.body()).contains("x509: certificate is not valid for widgets.default.svc");
        assertThat(extension.asked).isEmpty();
    }

    @Test
    void oneThatNeverAnswersIsNotWaitedForForEver() throws Exception {
        server.close();
        begin(Duration.ofMillis(200));
        install();
        var over = new CountDownLatch(1);
        extension.at(PREFIX + "/", exchange -> over.await());
        HttpResponse<String> r = get(WIDGETS);
        over.countDown();
        assertThat(r.statusCode()).isEqualTo(504);
        assertThat(Unstructured.parse(r.body()).string("message"))
                .isEqualTo("Timeout: request did not complete within the allotted duration");
    }

    @Test
    void aHugeAnswerGoesThroughAsItComes() throws Exception {
        install();
        int pieces = 64;
        byte[] piece = new byte[1 << 20];
        var read = new CountDownLatch(1);
        extension.at(PREFIX + "/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(piece);
            exchange.getResponseBody().flush();
            // The rest comes when somebody has the beginning.
            read.await();
            for (int i = 1; i < pieces; i++) {
                exchange.getResponseBody().write(piece);
            }
        });
        HttpResponse<InputStream> r = ann.send(to(WIDGETS).build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = r.body()) {
            long n = in.readNBytes(1 << 20).length;
            read.countDown();
            n += in.transferTo(java.io.OutputStream.nullOutputStream());
            assertThat(n).isEqualTo((long) pieces << 20);
        }
    }

    @Test
    void oneThatSpeaksNonsenseSpoilsNothing() throws Exception {
        extension.at(PREFIX, exchange -> ExtensionServer.send(exchange, 200, "[[[["));
        extension.at("/openapi/v2", exchange -> ExtensionServer.send(exchange, 200, "{\"paths\":7}"));
        install();
        assertThat(document("/apis", "Accept", AGGREGATED).objects("items")).hasSizeGreaterThan(15);
        assertThat(document("/openapi/v2").has("definitions")).isTrue();
    }

    @Test
    void anApiServiceThatMakesNoSenseIsToldToBeSo() throws Exception {
        service();
        endpoint(true);
        register("no certificate");
        awaitCondition("True Passed");
        HttpResponse<String> r = get(WIDGETS);
        assertThat(r.statusCode()).isEqualTo(500);
        assertThat(r.body()).isEqualTo("unable to load root certificates: unable to parse bytes as PEM block\n");
    }

    @Test
    void theWayToChangeItCannotBeTakenAway() throws Exception {
        admin.create(API_SERVICES, "", yaml("""
                {apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: v1.apiregistration.k8s.io},
                 spec: {group: apiregistration.k8s.io, version: v1, groupPriorityMinimum: 1, versionPriority: 1,
                        service: {namespace: default, name: widgets}}}
                """), WriteOptions.DEFAULT);
        assertThat(admin.get(API_SERVICES, "", "v1.apiregistration.k8s.io")
                        .object()
                        .name())
                .isNotEmpty();
        org.assertj.core.api.Assertions.assertThatCode(
                        () -> assertThat(get("/apis/apiregistration.k8s.io/v1/apiservices")
                                        .statusCode())
                                .isEqualTo(200))
                .doesNotThrowAnyException();
    }

    /** Measures, and finds nothing. */
    private static final class Idle implements UsageSource {
        @Override
        public List<Node> nodes() {
            return List.of();
        }

        @Override
        public List<Pod> pods() {
            return List.of();
        }
    }
}
