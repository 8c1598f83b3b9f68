package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.machinery.object.Unstructured;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What clients of other makes than kubectl ask for. */
@Timeout(30)
class ClientsStoryTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String METADATA = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";

    private SecureServer server;
    private SecureServer.Caller admin;

    @BeforeEach
    void start() throws Exception {
        server = new SecureServer();
        admin = server.admin();
    }

    @AfterEach
    void stop() {
        admin.close();
        server.close();
    }

    private Unstructured make(String name) throws Exception {
        var made = admin.post(
                MAPS, "{\"metadata\":{\"name\":\"" + name + "\",\"labels\":{\"a\":\"b\"}},\"data\":{\"x\":\"1\"}}");
        assertThat(made.statusCode()).isEqualTo(201);
        return Unstructured.parse(made.body());
    }

    private Unstructured get(String path, String... headers) throws Exception {
        var answer = admin.get(path, headers);
        assertThat(answer.statusCode()).as(path + answer.body()).isEqualTo(200);
        return Unstructured.parse(answer.body());
    }

    @Test
    void aWatchIsServedOverAWebSocket() throws Exception {
        make("one");
        var messages = admin.messages(MAPS + "?watch=true&timeoutSeconds=5");
        Unstructured first = Unstructured.parse(messages.take().orElseThrow());
        assertThat(first.string("type")).isEqualTo("ADDED");
        assertThat(first.string("object", "metadata", "name")).isEqualTo("one");
        make("two");
        assertThat(Unstructured.parse(messages.take().orElseThrow()).string("object", "metadata", "name"))
                .isEqualTo("two");

        var encoded = admin.messages(MAPS + "?watch=true&timeoutSeconds=1", "base64.binary.k8s.io");
        String event = new String(Base64.getDecoder().decode(encoded.take().orElseThrow()), StandardCharsets.UTF_8);
        assertThat(Unstructured.parse(event).string("object", "metadata", "name"))
                .isEqualTo("one");
        encoded.take();
        assertThat(encoded.take()).isEmpty();
    }

    /** kubectl looks into the details of every refusal, and falls where there are none. */
    @Test
    void aRefusalNamesWhatItIsAbout() throws Exception {
        make("one");
        for (String path : List.of(MAPS + "/none", MAPS + "/none/nosuchpart", MAPS + "/none/a/b")) {
            var answer = admin.get(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(404);
            Unstructured details = Unstructured.parse(answer.body()).object("details");
            assertThat(details.string("name")).as(path).isEqualTo("none");
            assertThat(details.string("kind")).as(path).isEqualTo("configmaps");
        }
        var unknown = admin.get("/apis/apps/v1/namespaces/default/nonesuch/x");
        assertThat(Unstructured.parse(unknown.body()).object("details").strings())
                .containsEntry("group", "apps")
                .containsEntry("kind", "nonesuch")
                .containsEntry("name", "x");
        var taken = admin.post(MAPS, "{\"metadata\":{\"name\":\"one\"}}");
        assertThat(taken.statusCode()).isEqualTo(409);
        assertThat(Unstructured.parse(taken.body()).string("details", "name")).isEqualTo("one");
    }

    @Test
    void whoWantsMetadataGetsNothingElse() throws Exception {
        make("one");
        Unstructured one = get(MAPS + "/one", "Accept", METADATA);
        assertThat(one.kind()).isEqualTo("PartialObjectMetadata");
        assertThat(one.apiVersion()).isEqualTo("meta.k8s.io/v1");
        assertThat(one.labels()).containsEntry("a", "b");
        assertThat(one.has("data")).isFalse();
        Unstructured list = get(MAPS, "Accept", METADATA.replace("Metadata;", "MetadataList;") + ",application/json");
        assertThat(list.kind()).isEqualTo("PartialObjectMetadataList");
        assertThat(list.objects("items")).extracting(Unstructured::name).containsExactly("one");
        var watch = admin.stream(MAPS + "?watch=true", "Accept", METADATA);
        try (var lines = new BufferedReader(new InputStreamReader(watch.body(), StandardCharsets.UTF_8))) {
            assertThat(Unstructured.parse(lines.readLine()).string("object", "kind"))
                    .isEqualTo("PartialObjectMetadata");
        }
    }

    @Test
    void aFieldThatACustomResourceHasNotIsToldToWhoeverAsksStrictly() throws Exception {
        String definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        assertThat(admin.send("POST", definitions, "application/yaml", """
                metadata: {name: works.example.com}
                spec:
                  group: example.com
                  scope: Namespaced
                  names: {plural: works, kind: Work}
                  versions:
                  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object,
                     properties: {spec: {type: object, properties: {size: {type: integer}}}}}}}
                """).statusCode())
                .isEqualTo(201);
        String works = "/apis/example.com/v1/namespaces/default/works";
        await().until(() -> admin.get(works).statusCode() == 200);
        String body = "{\"apiVersion\":\"example.com/v1\",\"kind\":\"Work\",\"metadata\":{\"name\":\"w\"},"
                + "\"spec\":{\"size\":1,\"sise\":2}}";
        assertThat(Unstructured.parse(admin.post(works + "?fieldValidation=Strict", body)
                                .body())
                        .string("message"))
                .isEqualTo("Work in version \"v1\" cannot be handled as a Work: strict decoding error: unknown field"
                        + " \"spec.sise\"");
        assertThat(admin.post(works + "?fieldValidation=Warn", body).headers().firstValue("warning"))
                .hasValueSatisfying(w -> assertThat(w).contains("unknown field"));
        var merged = admin.send(
                "PATCH",
                works + "/w?fieldValidation=Strict",
                "application/merge-patch+json",
                "{\"spec\":{\"sise\":3}}");
        assertThat(merged.statusCode()).isEqualTo(422);
        var applied =
                admin.send("PATCH", works + "/w?fieldManager=me&force=true", "application/apply-patch+yaml", body);
        assertThat(Unstructured.parse(applied.body()).string("message"))
                .isEqualTo("failed to create typed patch object (/w; example.com/v1, Kind=Work): .spec.sise: field not"
                        + " declared in schema");
        assertThat(admin.send("PATCH", works + "/w", "application/strategic-merge-patch+json", "{}")
                        .statusCode())
                .isEqualTo(415);
    }

    @Test
    void theVersionSaysWhatWasBuilt() throws Exception {
        Unstructured version = get("/version");
        assertThat(version.string("major") + "." + version.string("minor")).isEqualTo("1.36");
        assertThat(version.string("buildDate")).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
        assertThat(version.string("gitCommit")).doesNotContain("$").matches("[0-9a-f]*");
    }

    @Test
    void theIndexOfOpenApiIsSentAgainOnlyWhenItHasChanged() throws Exception {
        var first = admin.get("/openapi/v3");
        String etag = first.headers().firstValue("etag").orElseThrow();
        assertThat(admin.get("/openapi/v3", "If-None-Match", etag).statusCode()).isEqualTo(304);
        assertThat(admin.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
                        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
                         "metadata":{"name":"frobs.etag.example.com"},"spec":{"group":"etag.example.com",
                          "names":{"kind":"Frob","plural":"frobs"},"scope":"Cluster","versions":[{"name":"v1",
                           "served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}""")
                        .statusCode())
                .isEqualTo(201);
        await().until(() -> admin.get("/openapi/v3", "If-None-Match", etag).statusCode() == 200);
        assertThat(admin.get("/openapi/v3").body()).contains("apis/etag.example.com/v1");
    }

    @Test
    void allIsDiscoveredAtOnceByWhoAsksSo() throws Exception {
        String accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
                + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
        var answer = admin.get("/apis", "Accept", accept);
        assertThat(answer.headers().firstValue("content-type"))
                .hasValue("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
        Unstructured all = Unstructured.parse(answer.body());
        assertThat(all.kind()).isEqualTo("APIGroupDiscoveryList");
        Unstructured apps = all.objects("items").stream()
                .filter(g -> g.name().equals("apps"))
                .findFirst()
                .orElseThrow()
                .objects("versions")
                .getFirst();
        assertThat(apps.string("version")).isEqualTo("v1");
        Unstructured deployments = apps.objects("resources").stream()
                .filter(r -> r.string("resource").equals("deployments"))
                .findFirst()
                .orElseThrow();
        assertThat(deployments.string("scope")).isEqualTo("Namespaced");
        assertThat(deployments.string("responseKind", "kind")).isEqualTo("Deployment");
        assertThat(deployments.objects("subresources"))
                .extracting(r -> r.string("subresource") + " " + r.string("responseKind", "group") + "/"
                        + r.string("responseKind", "kind"))
                .contains("scale autoscaling/Scale", "status apps/Deployment");
        String etag = answer.headers().firstValue("etag").orElseThrow();
        assertThat(admin.get("/apis", "Accept", accept, "If-None-Match", etag).statusCode())
                .isEqualTo(304);
        assertThat(get("/api", "Accept", accept).objects("items")).hasSize(1);
        assertThat(get("/apis", "Accept", "application/json," + accept).kind()).isEqualTo("APIGroupList");
        assertThat(get("/apis", "Accept", "application/json").kind()).isEqualTo("APIGroupList");
    }

    @Test
    void theComponentsAreAskedHowTheyAre() throws Exception {
        var answer = admin.get("/api/v1/componentstatuses");
        Unstructured all = Unstructured.parse(answer.body());
        assertThat(all.kind()).isEqualTo("ComponentStatusList");
        assertThat(all.objects("items"))
                .extracting(Unstructured::name)
                .containsExactly("scheduler", "controller-manager", "etcd-0");
        assertThat(answer.headers().firstValue("warning"))
                .hasValue("299 - \"v1 ComponentStatus is deprecated in v1.19+\"");
        assertThat(get("/api/v1/componentstatuses/etcd-0", "Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
                        .objects("rows")
                        .getFirst()
                        .get("cells"))
                .isEqualTo(List.of("etcd-0", "Healthy", "ok", ""));
        assertThat(admin.get("/api/v1/componentstatuses/dns").statusCode()).isEqualTo(404);
        assertThat(admin.post("/api/v1/componentstatuses", "{}").statusCode()).isEqualTo(405);
    }

    @Test
    void whatCannotBeServedIsNotAcceptable() throws Exception {
        for (String accept : List.of("text/html", "application/json;as=Table;v=v9;g=meta.k8s.io", "application/cbor")) {
            var answer = admin.get(MAPS, "Accept", accept);
            assertThat(answer.statusCode()).as(accept).isEqualTo(406);
            assertThat(Unstructured.parse(answer.body()).string("reason")).isEqualTo("NotAcceptable");
        }
        assertThat(get(MAPS, "Accept", "text/html,application/json;as=Table;v=v1;g=meta.k8s.io")
                        .kind())
                .isEqualTo("Table");
        assertThat(get(MAPS, "Accept", "text/html,*/*").kind()).isEqualTo("ConfigMapList");
        assertThat(admin.get(MAPS, "Accept", "application/yaml").body()).startsWith("apiVersion: v1\nitems:");
    }

    @Test
    void theTimesOfAnObjectMayBeWrittenInAnotherWay() throws Exception {
        Unstructured one = make("one");
        String time = one.string("metadata", "creationTimestamp");
        one.set(time.replace("Z", ".000000Z"), "metadata", "creationTimestamp").set("2", "data", "x");
        var put = admin.send("PUT", MAPS + "/one", "application/json", one.toString());
        assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
        Unstructured now = Unstructured.parse(put.body());
        assertThat(now.string("metadata", "creationTimestamp")).isEqualTo(time);
        now.set("2020-01-01T00:00:00Z", "metadata", "creationTimestamp");
        assertThat(admin.send("PUT", MAPS + "/one", "application/json", now.toString())
                        .statusCode())
                .isEqualTo(422);
    }

    /** Kubernetes' own Java client writes every list and map that an object could have. */
    @Test
    void emptyListsAndMapsAreNone() throws Exception {
        String pods = "/api/v1/namespaces/default/pods";
        admin.post("/api/v1/namespaces/default/serviceaccounts", "{\"metadata\":{\"name\":\"default\"}}");
        var made = admin.post(pods, """
                {"metadata": {"name": "web"}, "spec": {
                   "volumes": [{"name": "v", "emptyDir": {}}],
                   "containers": [{"name": "c", "image": "busybox"}]}}
                """);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        Unstructured pod = Unstructured.parse(made.body());
        Unstructured written = Unstructured.parse(made.body())
                .set(List.of(), "spec", "initContainers")
                .set(Map.of(), "spec", "nodeSelector")
                .set(Map.of(), "metadata", "labels");
        written.objects("spec", "containers").getFirst().set(List.of(), "args");
        var put = admin.send("PUT", pods + "/web", "application/json", written.toString());
        assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
        assertThat(Unstructured.parse(put.body()).map()).isEqualTo(pod.map());

        String deployments = "/apis/apps/v1/namespaces/default/deployments";
        Unstructured deployment =
                Unstructured.parse(admin.post(deployments, """
                {"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {
                   "metadata": {"labels": {"a": "b"}},
                   "spec": {"tolerations": [], "containers": [{"name": "c", "image": "busybox"}]}}}}
                """).body());
        assertThat(deployment.has("spec", "template", "spec", "tolerations")).isFalse();
        deployment.set(List.of(), "spec", "template", "spec", "hostAliases");
        put = admin.send("PUT", deployments + "/web", "application/json", deployment.toString());
        assertThat(Unstructured.parse(put.body()).integer(0, "metadata", "generation"))
                .isEqualTo(1);
    }

    @Test
    void whatIsGoneIsAnsweredInTheFormThatItsKindHas() throws Exception {
        String uid = make("one").uid();
        assertThat(delete(MAPS + "/one").toString())
                .isEqualTo("{\"apiVersion\":\"v1\",\"kind\":\"Status\",\"metadata\":{},\"status\":\"Success\","
                        + "\"details\":{\"name\":\"one\",\"kind\":\"configmaps\",\"uid\":\"" + uid + "\"}}");
        String leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
        admin.post(leases, "{\"metadata\":{\"name\":\"office\"}}");
        Unstructured gone = delete(leases + "/office");
        assertThat(gone.string("details", "group")).isEqualTo("coordination.k8s.io");
        assertThat(gone.string("details", "kind")).isEqualTo("leases");

        admin.post("/api/v1/namespaces/default/serviceaccounts", "{\"metadata\":{\"name\":\"robot\"}}");
        assertThat(delete("/api/v1/namespaces/default/serviceaccounts/robot").kind())
                .isEqualTo("ServiceAccount");

        admin.post(MAPS, "{\"metadata\":{\"name\":\"held\",\"finalizers\":[\"example.com/hold\"]}}");
        Unstructured held = delete(MAPS + "/held");
        assertThat(held.kind()).isEqualTo("ConfigMap");
        assertThat(held.isDeleting()).isTrue();

        make("two");
        Unstructured all = delete(MAPS + "?fieldSelector=metadata.name%3Dtwo");
        assertThat(all.kind()).isEqualTo("ConfigMapList");
        assertThat(all.string("metadata", "resourceVersion")).isNotEmpty();
        assertThat(all.objects("items")).extracting(Unstructured::name).containsExactly("two");
    }

    private Unstructured delete(String path) throws Exception {
        var answer = admin.send("DELETE", path, "", "");
        assertThat(answer.statusCode()).as(path + answer.body()).isEqualTo(200);
        return Unstructured.parse(answer.body());
    }

    @Test
    void everyDocumentOfDiscoveryIsThere() throws Exception {
        assertThat(get("/").stringList("paths"))
                .contains("/api", "/api/v1", "/apis/apps", "/apis/apps/v1", "/healthz", "/openapi/v3", "/version");
        assertThat(get("/api").objects("serverAddressByClientCIDRs").getFirst().string("clientCIDR"))
                .isEqualTo("0.0.0.0/0");
        assertThat(get("/api/").stringList("versions")).containsExactly("v1");
        Unstructured group = get("/apis/apps");
        assertThat(group.kind()).isEqualTo("APIGroup");
        assertThat(group.string("preferredVersion", "groupVersion")).isEqualTo("apps/v1");
        for (Unstructured g : get("/apis/").objects("groups")) {
            assertThat(get("/apis/" + g.string("name") + "/").string("name")).isEqualTo(g.string("name"));
        }
        assertThat(get("/apis/apps/v1/").string("groupVersion")).isEqualTo("apps/v1");
        assertThat(admin.get("/apis/none").statusCode()).isEqualTo(404);
    }

    @Test
    void whoseSelectorAnObjectLeavesIsShownWhatItWas() throws Exception {
        make("one");
        var watch = admin.stream(MAPS + "?watch=true&labelSelector=a=b");
        try (var lines = new BufferedReader(new InputStreamReader(watch.body(), StandardCharsets.UTF_8))) {
            lines.readLine();
            var patched = admin.send(
                    "PATCH",
                    MAPS + "/one",
                    "application/merge-patch+json",
                    "{\"metadata\":{\"labels\":null},\"data\":{\"x\":\"2\"}}");
            Unstructured gone = Unstructured.parse(lines.readLine());
            assertThat(gone.string("type")).isEqualTo("DELETED");
            assertThat(gone.string("object", "data", "x")).isEqualTo("1");
            assertThat(gone.string("object", "metadata", "resourceVersion"))
                    .isEqualTo(Unstructured.parse(patched.body()).resourceVersion());
        }
    }

    @Test
    void aListShowsTheVersionThatWasAskedFor() throws Exception {
        make("one");
        String secret = admin.post("/api/v1/namespaces/default/secrets", "{\"metadata\":{\"name\":\"s\"}}")
                .body();
        String version = Unstructured.parse(secret).resourceVersion();
        Unstructured list = get(MAPS + "?resourceVersion=" + version + "&resourceVersionMatch=NotOlderThan");
        assertThat(Long.parseLong(list.string("metadata", "resourceVersion")))
                .isGreaterThanOrEqualTo(Long.parseLong(version));
    }

    @Test
    void everyAnswerTellsWhatFlowTheRequestWasOf() throws Exception {
        String flows = "/apis/flowcontrol.apiserver.k8s.io/v1/";
        try (var ann = server.caller("CN=ann")) {
            for (var way : Map.of(admin, "exempt", ann, "global-default").entrySet()) {
                String schema = get(flows + "flowschemas/" + way.getValue()).uid();
                String level = get(flows + "prioritylevelconfigurations/" + way.getValue())
                        .uid();
                for (String path : List.of("/version", MAPS + "/none", MAPS)) {
                    var headers = way.getKey().get(path).headers();
                    assertThat(headers.firstValue("X-Kubernetes-PF-FlowSchema-UID"))
                            .as(path)
                            .hasValue(schema);
                    assertThat(headers.firstValue("X-Kubernetes-PF-PriorityLevel-UID"))
                            .as(path)
                            .hasValue(level);
                }
            }
        }
        assertThat(admin.get("/metrics").body())
                .contains(
                        "apiserver_flowcontrol_dispatched_requests_total{flow_schema=\"exempt\",priority_level=\"exempt\"}",
                        "apiserver_flowcontrol_nominal_limit_seats{priority_level=\"workload-low\"}");
    }
}
