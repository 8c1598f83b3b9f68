package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.apiserver.Certificates;
import dev.coracle.apiserver.authentication.Authenticator;
import dev.coracle.apiserver.authentication.ClientCertificates;
import dev.coracle.apiserver.authentication.ServiceAccountTokens;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody may try who wants more than is theirs, and what comes of it. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT) // each has a server of its own, and waits most of its time
class AttackStoryTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String RBAC = "/apis/rbac.authorization.k8s.io/v1";

    private SecureServer server;
    private SecureServer.Caller admin;
    /** May do everything in the namespace {@code shop}, and nothing elsewhere. */
    private SecureServer.Caller shopkeeper;

    @BeforeEach
    void start() throws Exception {
        server = new SecureServer();
        admin = server.admin();
        shopkeeper = server.caller("CN=sam");
        admin.post("/api/v1/namespaces", "{\"metadata\":{\"name\":\"shop\"}}");
        var bound = admin.post(RBAC + "/namespaces/shop/rolebindings", """
                {"metadata": {"name": "owner"},
                 "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
                 "subjects": [{"kind": "User", "name": "sam", "apiGroup": "rbac.authorization.k8s.io"}]}""");
        assertThat(bound.statusCode()).as(bound.body()).isEqualTo(201);
        map("shop", "a");
        map("shop", "b");
    }

    @AfterEach
    void stop() {
        admin.close();
        shopkeeper.close();
        server.close();
    }

    private void map(String namespace, String name) throws Exception {
        var made = admin.post(
                "/api/v1/namespaces/" + namespace + "/configmaps", "{\"metadata\":{\"name\":\"" + name + "\"}}");
        assertThat(made.statusCode()).isEqualTo(201);
    }

    private static void refused(HttpResponse<String> answer, int code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(code);
        Unstructured status = Unstructured.parse(answer.body());
        assertThat(status.kind()).isEqualTo("Status");
        assertThat(status.integer(0, "code")).isEqualTo(code);
    }

    // ---- beyond what one may read and write

    private static String token(String start) {
        String json = "{\"v\":\"meta.k8s.io/v1\",\"rv\":1,\"start\":\"" + start + "\"}";
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aContinueTokenLeadsNowhereButOn() throws Exception {
        map("default", "secret-plan");
        String list = "/api/v1/namespaces/shop/configmaps?limit=1";
        Unstructured first = Unstructured.parse(shopkeeper.get(list).body());
        String next = first.string("metadata", "continue");
        Unstructured second =
                Unstructured.parse(shopkeeper.get(list + "&continue=" + next).body());
        assertThat(second.objects("items")).extracting(Unstructured::name).containsExactly("b");

        for (String start : new String[] {"../default/a", "/../default/a", "x/../../default/a", "a//b", "."}) {
            refused(shopkeeper.get(list + "&continue=" + token(start)), 400);
        }
        String version = first.string("metadata", "resourceVersion");
        for (String start : new String[] {"/registry/configmaps/default/", "default/a", "!", "~"}) {
            String forged = token(start);
            String json = new String(Base64.getUrlDecoder().decode(forged), StandardCharsets.UTF_8)
                    .replace("\"rv\":1", "\"rv\":" + version);
            var answer = shopkeeper.get("/api/v1/namespaces/shop/configmaps?continue="
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8)));
            assertThat(answer.body()).doesNotContain("secret-plan");
            assertThat(answer.statusCode()).isIn(200, 400);
        }
        // A page of all namespaces is no page of one.
        String all = Unstructured.parse(admin.get("/api/v1/configmaps?limit=1").body())
                .string("metadata", "continue");
        assertThat(shopkeeper
                        .get("/api/v1/namespaces/shop/configmaps?continue=" + all)
                        .body())
                .doesNotContain("secret-plan");
    }

    @Test
    void rightsInANamespaceEndThere() throws Exception {
        String binding = """
                {"metadata": {"name": "mine"},
                 "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
                 "subjects": [{"kind": "User", "name": "sam", "apiGroup": "rbac.authorization.k8s.io"}]}""";
        refused(shopkeeper.post(RBAC + "/namespaces/shop/clusterrolebindings", binding), 404);
        refused(shopkeeper.get("/api/v1/namespaces/shop/nodes"), 404);
        // A Namespace lies in none, not even in itself.
        for (String nested : new String[] {"", "/default", "/shop", "/default/status", "/shop/finalize"}) {
            refused(shopkeeper.get("/api/v1/namespaces/shop/namespaces" + nested), 404);
        }
        refused(shopkeeper.send("DELETE", "/api/v1/namespaces/shop/namespaces/default", "", ""), 404);
        refused(shopkeeper.send("DELETE", "/api/v1/namespaces/shop/namespaces", "", ""), 404);
        refused(
                shopkeeper.send(
                        "PATCH",
                        "/api/v1/namespaces/shop/namespaces/default",
                        "application/merge-patch+json",
                        "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"),
                404);
        assertThat(shopkeeper.get("/api/v1/namespaces/shop").statusCode()).isEqualTo(200);
        assertThat(admin.get("/api/v1/namespaces/default").body()).doesNotContain("deletionTimestamp");
        refused(shopkeeper.get(RBAC + "/namespaces/shop/clusterroles/admin"), 404);
        refused(shopkeeper.send("DELETE", "/api/v1/namespaces/shop/persistentvolumes/x", "", ""), 404);
        refused(shopkeeper.post("/apis/authorization.k8s.io/v1/namespaces/shop/subjectaccessreviews", "{}"), 404);
        refused(shopkeeper.get("/api/v1/namespaces/shop/nodes/n/proxy/healthz"), 404);
        refused(shopkeeper.get("/api/v1/configmaps"), 403);
        refused(admin.get("/api/v1/configmaps/a"), 404);
        refused(admin.send("DELETE", "/api/v1/configmaps", "", ""), 405);
        refused(admin.post("/api/v1/configmaps", "{\"metadata\":{\"name\":\"x\"}}"), 405);
        refused(admin.get(RBAC + "/clusterrolebindings/mine"), 404);
    }

    @Test
    void bodyAndPathAgree() throws Exception {
        String elsewhere = "{\"metadata\":{\"name\":\"a\",\"namespace\":\"default\"},\"data\":{\"x\":\"1\"}}";
        refused(shopkeeper.send("PUT", "/api/v1/namespaces/shop/configmaps/a", "application/json", elsewhere), 400);
        refused(shopkeeper.post("/api/v1/namespaces/shop/configmaps", elsewhere), 400);
        String renamed = "{\"metadata\":{\"name\":\"b\"}}";
        refused(shopkeeper.send("PUT", "/api/v1/namespaces/shop/configmaps/a", "application/json", renamed), 400);
        refused(
                shopkeeper.send(
                        "PATCH",
                        "/api/v1/namespaces/shop/configmaps/a",
                        "application/merge-patch+json",
                        "{\"metadata\":{\"namespace\":\"default\"}}"),
                400);
        assertThat(admin.get(MAPS + "/a").statusCode()).isEqualTo(404);
    }

    // ---- before anybody is asked

    @Test
    void aCertificateOfAnotherAuthorityIsNobodys() throws Exception {
        // Its client would rather not show it, being told whose are wanted; one that shows it all the same is told.
        try (var stranger = server.stranger("CN=eve,O=system:masters")) {
            assertThat(stranger.get(MAPS).statusCode()).isIn(401, 403);
        }
        var foreign = new Certificates(server.system.environment());
        var own = new Certificates(server.system.environment());
        var known = new ClientCertificates(
                own.authorityPem(), server.system.environment().clock());
        var authenticator = new Authenticator(
                known,
                new ServiceAccountTokens(() -> "", (r, ns, n) -> Optional.empty(), server.system.environment()),
                null);
        var eve = foreign.issue("CN=eve,O=system:masters").certificate();
        for (int i = 0; i < 2; i++) {
            StatusException e = Assertions.catchThrowableOfType(
                    StatusException.class, () -> authenticator.authenticate(List.of(eve), new DefaultHttpHeaders()));
            assertThat(e.code()).isEqualTo(401);
            var ann = own.issue("CN=ann").certificate();
            assertThat(authenticator
                            .authenticate(List.of(ann), new DefaultHttpHeaders())
                            .name())
                    .isEqualTo("ann");
        }
    }

    @Test
    void nothingIsReadOfWhoMayNotSendIt() throws Exception {
        try (var socket = server.socket("CN=sam")) {
            String head = "POST " + MAPS + " HTTP/1.1\r\nHost: api\r\nContent-Length: 3000000\r\n"
                    + "Expect: 100-continue\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            assertThat(SecureServer.read(socket, 12)).isEqualTo("HTTP/1.1 403");
        }
        try (var socket = server.socket("CN=sam")) {
            String head = "POST /api/v1/namespaces/shop/configmaps HTTP/1.1\r\nHost: api\r\n"
                    + "Content-Length: 20\r\nExpect: 100-continue\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            assertThat(SecureServer.read(socket, 12)).isEqualTo("HTTP/1.1 100");
        }
        // What is no JSON is not looked at either.
        refused(shopkeeper.post(MAPS, "{"), 403);
        refused(shopkeeper.send("PATCH", MAPS + "/a", "application/json-patch+json", "["), 403);
        refused(shopkeeper.send("DELETE", MAPS + "/a", "application/json", "{"), 403);
        refused(shopkeeper.post("/api/v1/namespaces/shop/configmaps", "{"), 400);
    }

    @Test
    void aBodyThatIsTooLongIsRefusedAndNotKept() throws Exception {
        String long_ = "{\"data\":{\"x\":\"" + "x".repeat(4 << 20) + "\"}}";
        refused(admin.post(MAPS, long_), 413);
        assertThat(admin.get(MAPS).statusCode()).isEqualTo(200);
    }

    /** The start of a manifest may be a manifest, and the end of it what limited it. */
    @ParameterizedTest
    @ValueSource(strings = {"zz\r\n", "FFFFFFFFFFFFFFFF\r\n", "-1\r\n", ";\r\n", "5 5\r\n"})
    void whatEndsInAFaultIsNotTakenForTheWhole(String fault) throws Exception {
        String yaml = "metadata:\n  name: half\n";
        try (var socket = server.socket("CN=sam")) {
            String request = "POST /api/v1/namespaces/shop/configmaps HTTP/1.1\r\nHost: api\r\n"
                    + "Content-Type: application/yaml\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + Integer.toHexString(yaml.length()) + "\r\n" + yaml + "\r\n" + fault;
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer = SecureServer.read(socket, 1 << 20); // until the server closes
            assertThat(answer).startsWith("HTTP/1.1 400");
        }
        refused(admin.get("/api/v1/namespaces/shop/configmaps/half"), 404);
    }

    /** Two readers of one head must read the same: upstream's server refuses these too. */
    @ParameterizedTest
    @CsvSource({
        "'', 400, missing required Host header",
        "'Host: a\nHost: b\n', 400, too many Host headers",
        "'Host: a\nContent-Length: 1\nTransfer-Encoding: chunked\n', 400, ''",
        "'Host: a\nContent-Length: 1\nContent-Length: 2\n', 400, ''"
    })
    void aHeadThatCanBeReadInTwoWaysIsRefused(String fields, int code, String why) throws Exception {
        try (var socket = server.socket("CN=sam")) {
            String head = "GET /healthz HTTP/1.1\r\n" + fields.replace("\n", "\r\n") + "\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            assertThat(SecureServer.read(socket, 1 << 20))
                    .startsWith("HTTP/1.1 " + code)
                    .contains(why);
        }
    }

    @Test
    void aHeadThatIsTooLongIsCalledThat() throws Exception {
        refused(shopkeeper.get("/healthz", "X-Long", "x".repeat(70_000)), 431);
        refused(shopkeeper.get("/healthz?x=" + "x".repeat(70_000)), 431);
        // Long selectors are no attack.
        String names = "v" + ",v".repeat(10_000);
        assertThat(shopkeeper
                        .get("/api/v1/namespaces/shop/configmaps?labelSelector=a&x=" + names)
                        .statusCode())
                .isEqualTo(200);
    }

    // ---- little that becomes much

    @ParameterizedTest
    @CsvSource({
        "POST, application/json",
        "POST, application/yaml",
        "PUT, application/json",
        "PATCH, application/json-patch+json",
        "PATCH, application/merge-patch+json",
        "PATCH, application/strategic-merge-patch+json",
        "PATCH, application/apply-patch+yaml",
        "DELETE, application/json"
    })
    void whatNestsTooDeepIsRefused(String method, String type) throws Exception {
        String path = "/api/v1/namespaces/shop/configmaps" + (method.equals("POST") ? "" : "/a")
                + (type.contains("apply") ? "?fieldManager=x" : "");
        String brackets = "[".repeat(20_000);
        String maps = "{\"a\":".repeat(3_000) + "1" + "}".repeat(3_000);
        StringBuilder block = new StringBuilder();
        for (int i = 0; i < 1_500; i++) {
            block.append(" ".repeat(i)).append("a:\n");
        }
        for (String body :
                new String[] {brackets, maps, "[{\"op\":\"add\",\"path\":\"/data\",\"value\":" + maps + "}]"}) {
            refused(shopkeeper.send(method, path, type, body), 400);
        }
        if (type.contains("yaml")) {
            refused(shopkeeper.send(method, path, type, block.toString()), 400);
        }
        assertThat(shopkeeper.get("/api/v1/namespaces/shop/configmaps/a").statusCode())
                .isEqualTo(200);
    }

    @Test
    void aliasesMakeNoBomb() throws Exception {
        StringBuilder laughs = new StringBuilder("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for (int i = 1; i < 12; i++) {
            laughs.append("a%d: &a%d [".formatted(i, i))
                    .append(("*a" + (i - 1) + ", ").repeat(8))
                    .append("x]\n");
        }
        refused(
                shopkeeper.send("POST", "/api/v1/namespaces/shop/configmaps", "application/yaml", laughs.toString()),
                400);
        refused(shopkeeper.send("POST", "/api/v1/namespaces/shop/configmaps", "application/yaml", "a: &a [*a]"), 400);
        String shared = "{metadata: {name: c}, data: {a: &v text, b: *v}}";
        var made = shopkeeper.send("POST", "/api/v1/namespaces/shop/configmaps", "application/yaml", shared);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        assertThat(Unstructured.parse(made.body()).string("data", "b")).isEqualTo("text");
    }

    @Test
    void patchesGrowWithinBounds() throws Exception {
        String map = "/api/v1/namespaces/shop/configmaps/a";
        String type = "application/json-patch+json";
        StringBuilder doubling = new StringBuilder(
                "[{\"op\":\"add\",\"path\":\"/data\",\"value\":{\"x\":\"" + "x".repeat(1000) + "\"}}");
        for (int i = 0; i < 40; i++) {
            doubling.append(",{\"op\":\"copy\",\"from\":\"/data\",\"path\":\"/data/y" + i + "\"}");
        }
        refused(shopkeeper.send("PATCH", map, type, doubling.append(']').toString()), 422);
        String many = "[" + "{\"op\":\"test\",\"path\":\"\"},".repeat(10_000) + "{\"op\":\"test\",\"path\":\"\"}]";
        refused(shopkeeper.send("PATCH", map, type, many), 413);
        StringBuilder deep = new StringBuilder("[{\"op\":\"add\",\"path\":\"/d\",\"value\":{}}");
        for (int i = 2; i < 600; i++) {
            deep.append(",{\"op\":\"add\",\"path\":\"").append("/d".repeat(i)).append("\",\"value\":{}}");
        }
        refused(shopkeeper.send("PATCH", map, type, deep.append(']').toString()), 422);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"op\":\"add\",\"path\":\"data\",\"value\":{}}",
                "{\"op\":\"remove\",\"path\":\"/\"}",
                "{\"op\":\"remove\",\"path\":\"/data/none\"}",
                "{\"op\":\"replace\",\"path\":\"/metadata/name/x\",\"value\":1}",
                "{\"op\":\"move\",\"from\":\"/metadata\",\"path\":\"/metadata/name\"}",
                "{\"op\":\"copy\",\"from\":\"metadata\",\"path\":\"/x\"}",
                "{\"op\":\"dance\",\"path\":\"/metadata\"}",
                "{\"path\":\"/metadata\"}",
                "{\"op\":\"test\",\"path\":\"/metadata/name\",\"value\":\"b\"}"
            })
    void malformedOperationsAreUnprocessable(String operation) throws Exception {
        refused(
                shopkeeper.send(
                        "PATCH",
                        "/api/v1/namespaces/shop/configmaps/a",
                        "application/json-patch+json",
                        "[" + operation + "]"),
                422);
    }

    @Test
    void manyPatchesMakeNoMoreThanOneObjectMayBe() throws Exception {
        String map = "/api/v1/namespaces/shop/configmaps/a";
        StringBuilder answers = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            var answer = shopkeeper.send(
                    "PATCH",
                    map,
                    "application/merge-patch+json",
                    "{\"metadata\":{\"annotations\":{\"a" + i + "\":\"" + "x".repeat(60_000) + "\"}},"
                            + "\"binaryData\":{\"b" + i + "\":\"" + "A".repeat(600_000) + "\"}}");
            answers.append(answer.statusCode()).append(' ');
        }
        assertThat(answers.toString()).startsWith("200 200 ").doesNotEndWith("200 ");
        assertThat(shopkeeper.get(map).body().length()).isLessThan(1_572_864 + 1);
    }

    @Test
    void aPatchCannotMakeWhatAWriteCouldNot() throws Exception {
        String wrong = "[{\"op\":\"add\",\"path\":\"/data\",\"value\":{\"x\":{\"y\":1}}}]";
        var answer =
                shopkeeper.send("PATCH", "/api/v1/namespaces/shop/configmaps/a", "application/json-patch+json", wrong);
        refused(answer, 422);
        assertThat(answer.body()).contains("cannot unmarshal object into Go struct field");
    }

    // ---- those who watch

    private static final String AS_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";

    @Test
    void noWatcherSpoilsAWriteOrAnotherWatch() throws Exception {
        refused(admin.get(MAPS + "?watch=true&includeObject=x", "Accept", AS_TABLE), 400);
        refused(admin.get(MAPS + "?includeObject=x", "Accept", AS_TABLE), 400);
        var watched = admin.stream(MAPS + "?watch=true");
        var broken = server.server
                .client(UserInfo.ADMIN)
                .watch(Resources.CONFIG_MAPS, "default", ListOptions.ALL, new Client.WatchListener() {
                    @Override
                    public void onEvent(WatchEvent event) {
                        throw new IllegalStateException("planted");
                    }

                    @Override
                    public void onClosed(StatusException cause) {}
                });
        try (broken;
                var lines = new BufferedReader(new InputStreamReader(watched.body(), StandardCharsets.UTF_8))) {
            map("default", "one");
            map("default", "two");
            assertThat(lines.readLine()).contains("\"one\"");
            assertThat(lines.readLine()).contains("\"two\"");
        }
    }

    @Test
    void aWatchThatWouldLastForEverIsServedAndEnds() throws Exception {
        var watched = admin.stream(MAPS + "?watch=true&timeoutSeconds=9223372036854775807");
        assertThat(watched.statusCode()).isEqualTo(200);
        try (var lines = new BufferedReader(new InputStreamReader(watched.body(), StandardCharsets.UTF_8))) {
            map("default", "one");
            assertThat(lines.readLine()).contains("\"one\"");
        }
        assertThat(admin.get(MAPS + "?watch=true&timeoutSeconds=-1").statusCode())
                .isEqualTo(200);
        refused(admin.get(MAPS + "?watch=true&timeoutSeconds=soon"), 400);
    }

    @Test
    void whoDoesNotReadIsCutOffAndHoldsNobodyUp() throws Exception {
        Duration long_ = Duration.ofMinutes(1);
        try (var impatient = new SecureServer(new Limits(50, 10, 10, long_, long_, Duration.ofSeconds(1)));
                var socket = impatient.socket("CN=ann,O=system:masters")) {
            socket.getOutputStream()
                    .write(("GET " + MAPS + "?watch=true HTTP/1.1\r\nHost: api\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(SecureServer.read(socket, 12)).isEqualTo("HTTP/1.1 200");
            // More than all buffers between here and there hold.
            fill(impatient);
            // The end comes before the last of them, and it is the server's doing, not that of our own patience.
            await().forever().until(() -> closed(socket));
            Assertions.assertThatCode(() -> {
                        String rest = SecureServer.read(socket, 100_000_000);
                        assertThat(rest).doesNotContain("\"m19\"");
                    })
                    .satisfiesAnyOf(
                            thrown -> assertThat(thrown).isNull(),
                            thrown -> assertThat(thrown)
                                    .isInstanceOf(IOException.class)
                                    .isNotInstanceOf(SocketTimeoutException.class));
        }
    }

    @Test
    void whoDoesNotReadAnAnswerIsCutOff() throws Exception {
        Duration long_ = Duration.ofMinutes(1);
        try (var impatient = new SecureServer(new Limits(50, 10, 10, long_, long_, Duration.ofSeconds(1)));
                var socket = impatient.socket("CN=ann,O=system:masters")) {
            fill(impatient);
            socket.getOutputStream()
                    .write(("GET " + MAPS + " HTTP/1.1\r\nHost: api\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            assertThat(SecureServer.read(socket, 12)).isEqualTo("HTTP/1.1 200");
            // Its connection is closed while most of it waits: another request gets through, and then there is an end.
            await().forever().until(() -> closed(socket));
        }
    }

    /** With more than all buffers between it and a client hold; not over a connection, which may be cut off as well. */
    private static void fill(SecureServer impatient) {
        Client client = impatient.server.client(UserInfo.ADMIN);
        for (int i = 0; i < 20; i++) {
            Unstructured map = Unstructured.of("v1", "ConfigMap", "default", "m" + i);
            client.create(
                    Resources.CONFIG_MAPS, "default", map.set("x".repeat(800_000), "data", "x"), WriteOptions.DEFAULT);
        }
    }

    @Test
    void aConnectionWithoutAHandshakeIsClosed() throws Exception {
        Duration long_ = Duration.ofMinutes(1);
        try (var impatient = new SecureServer(new Limits(50, 10, 10, Duration.ofSeconds(1), long_, long_));
                var silent = new Socket("127.0.0.1", impatient.server.address().getPort())) {
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
        }
    }

    /** Whether the server has closed: what is written on a connection that is gone fails sooner or later. */
    private static boolean closed(SSLSocket socket) {
        try {
            socket.getOutputStream().write('\n');
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void deletionsSayWhatTheyMean() throws Exception {
        String map = "/api/v1/namespaces/shop/configmaps/a";
        for (String query : List.of("?propagationPolicy=x", "?propagationPolicy=Orphan&orphanDependents=true")) {
            refused(shopkeeper.send("DELETE", map + query, "", ""), 422);
        }
        for (String body : List.of(
                "{\"gracePeriodSeconds\":\"x\"}",
                "{\"kind\":\"Foo\",\"apiVersion\":\"v1\"}",
                "{\"preconditions\":[]}",
                "[]")) {
            refused(shopkeeper.send("DELETE", map, "application/json", body), 400);
        }
        refused(shopkeeper.get("/api/v1/namespaces/shop/configmaps?timeoutSeconds=x"), 400);
        assertThat(shopkeeper.get(map).statusCode()).isEqualTo(200);
        String token = "/api/v1/namespaces/shop/serviceaccounts/none/token";
        for (String spec : List.of("{\"expirationSeconds\":\"x\"}", "{\"audiences\":[1]}")) {
            refused(admin.post(token, "{\"spec\":" + spec + "}"), 400);
        }
    }

    // ---- those who come and say nothing, and those who all come at once

    @Test
    void aConnectionWithoutARequestIsClosed() throws Exception {
        Duration short_ = Duration.ofSeconds(1);
        Duration long_ = Duration.ofMinutes(1);
        try (var impatient = new SecureServer(new Limits(50, 10, 10, short_, long_, long_));
                var silent = impatient.socket("CN=ann,O=system:masters")) {
            silent.startHandshake();
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
        }
        try (var impatient = new SecureServer(new Limits(50, 10, 10, long_, short_, long_));
                var halfway = impatient.socket("CN=ann,O=system:masters")) {
            halfway.getOutputStream()
                    .write(("POST " + MAPS + " HTTP/1.1\r\nHost: api\r\nContent-Length: 100\r\n\r\n{")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(halfway.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void moreConnectionsThanThereMayBeAreClosed() throws Exception {
        Duration long_ = Duration.ofMinutes(1);
        try (var small = new SecureServer(new Limits(3, 10, 10, long_, long_, long_));
                var first = small.socket("CN=sam");
                var second = small.socket("CN=sam");
                var third = small.socket("CN=sam");
                var fourth = small.socket("CN=sam")) {
            // Which one was the fourth to be taken in, the server's loops settle among themselves.
            long refused = Stream.of(first, second, third, fourth)
                    .filter(socket -> Assertions.catchThrowable(socket::startHandshake) instanceof IOException)
                    .count();
            assertThat(refused).isEqualTo(1);
        }
    }
}
