package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.ProtobufReader;
import dev.coracle.machinery.schema.ProtobufWriter;
import dev.coracle.machinery.schema.Schemas;
import io.kubernetes.client.proto.Meta;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that speak protobuf, read YAML or take gzip; and those who send what is none of it. */
class EncodingsStoryTest {
    private static final String PROTOBUF = "application/vnd.kubernetes.protobuf";
    private static final String METADATA = PROTOBUF + ";as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    private static final String NAMESPACES = "/api/v1/namespaces";

    private static SecureServer server;
    private static SecureServer.Caller admin;

    private final ProtobufWriter writer = new ProtobufWriter(Schemas.builtIn());
    private final ProtobufReader reader = new ProtobufReader(Schemas.builtIn());

    @BeforeAll
    static void start() throws Exception {
        // The classes that others made of the messages are of an old compiler, and say so at length.
        System.setProperty("com.google.protobuf.use_unsafe_pre22_gencode", "true");
        server = new SecureServer();
        admin = server.admin();
    }

    @AfterAll
    static void stop() {
        admin.close();
        server.close();
    }

    private byte[] protobuf(String json) {
        return writer.write(Json.parseObject(json)).joined();
    }

    private Unstructured read(HttpResponse<byte[]> answer) {
        assertThat(answer.headers().firstValue("content-type")).hasValue(PROTOBUF);
        return new Unstructured(reader.read(answer.body()));
    }

    private HttpResponse<byte[]> send(String method, String path, byte[] body) throws Exception {
        return admin.bytes(method, path, body, "Content-Type", PROTOBUF, "Accept", PROTOBUF);
    }

    private HttpResponse<byte[]> get(String path, String accept) throws Exception {
        return admin.bytes("GET", path, new byte[0], "Accept", accept);
    }

    private static void post(String path, String json) throws Exception {
        var made = admin.post(path, json);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    }

    @Test
    void anObjectLivesItsLifeInProtobuf() throws Exception {
        String maps = NAMESPACES + "/default/configmaps";
        var made = send(
                "POST",
                maps,
                protobuf(
                        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"life\"},\"data\":{\"a\":\"1\"}}"));
        assertThat(made.statusCode()).isEqualTo(201);
        Unstructured map = read(made);
        assertThat(map.string("metadata", "uid")).isNotEmpty();

        map.set("2", "data", "a");
        assertThat(read(send("PUT", maps + "/life", writer.write(map.map()).joined()))
                        .string("data", "a"))
                .isEqualTo("2");
        // The same as JSON tells.
        assertThat(read(get(maps + "/life", PROTOBUF)).map())
                .isEqualTo(Json.parseObject(admin.get(maps + "/life").body()));

        Unstructured list = read(get(maps, PROTOBUF + ",application/json"));
        assertThat(list.kind()).isEqualTo("ConfigMapList");
        assertThat(list.string("metadata", "resourceVersion")).isNotEmpty();
        assertThat(list.objects("items"))
                .extracting(o -> o.string("metadata", "name"))
                .contains("life");

        var gone = send(
                "DELETE",
                maps + "/life",
                protobuf("{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"preconditions\":{\"uid\":\""
                        + map.string("metadata", "uid") + "\"}}"));
        assertThat(read(gone).string("status")).isEqualTo("Success");

        var missing = get(maps + "/life", PROTOBUF);
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(read(missing).string("message")).isEqualTo("configmaps \"life\" not found");
    }

    @Test
    void aReviewIsAnsweredAsItIsAsked() throws Exception {
        var review = send(
                "POST",
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                protobuf("{\"apiVersion\":\"authorization.k8s.io/v1\",\"kind\":\"SelfSubjectAccessReview\",\"spec\":"
                        + "{\"resourceAttributes\":{\"verb\":\"get\",\"resource\":\"pods\"}}}"));
        assertThat(review.statusCode()).isEqualTo(201);
        assertThat(read(review).bool("status", "allowed")).isTrue();
    }

    @Test
    void aWatchSendsEachEventBehindItsLength() throws Exception {
        String maps = NAMESPACES + "/watched/configmaps";
        post(NAMESPACES, "{\"metadata\":{\"name\":\"watched\"}}");
        for (String accept : List.of(PROTOBUF + ";stream=watch,application/json", METADATA)) {
            var watch = admin.stream(maps + "?watch=true&timeoutSeconds=20", "Accept", accept);
            assertThat(watch.headers().firstValue("content-type")).hasValue(PROTOBUF + ";stream=watch");
            String name = accept.equals(METADATA) ? "second" : "first";
            try (var in = new DataInputStream(watch.body())) {
                post(maps, "{\"metadata\":{\"name\":\"" + name + "\"},\"data\":{\"x\":\"1\"}}");
                Unstructured seen = event(in, "ADDED");
                while (!seen.name().equals(name)) {
                    seen = event(in, "ADDED");
                }
                assertThat(seen.kind()).isEqualTo(accept.equals(METADATA) ? "PartialObjectMetadata" : "ConfigMap");
                assertThat(seen.map().containsKey("data")).isNotEqualTo(accept.equals(METADATA));
                admin.send("DELETE", maps + "/" + name, "application/json", "");
                assertThat(event(in, "DELETED").name()).isEqualTo(name);
            }
        }
    }

    private Unstructured event(DataInputStream in, String type) throws Exception {
        Meta.WatchEvent event = Meta.WatchEvent.parseFrom(in.readNBytes(in.readInt()));
        assertThat(event.getType()).isEqualTo(type);
        return new Unstructured(reader.read(event.getObject().getRaw().toByteArray()));
    }

    @Test
    void metadataAloneIsProtobufOfAnyKind() throws Exception {
        post(
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                "{\"metadata\":{\"name\":\"toys.play.example\"},\"spec\":{\"group\":\"play.example\",\"scope\":\"Cluster\","
                        + "\"names\":{\"plural\":\"toys\",\"kind\":\"Toy\"},\"versions\":[{\"name\":\"v1\",\"served\":true,"
                        + "\"storage\":true,\"schema\":{\"openAPIV3Schema\":{\"type\":\"object\",\"properties\":{\"spec\":"
                        + "{\"type\":\"object\",\"additionalProperties\":true}}}}}]}}");
        String toys = "/apis/play.example/v1/toys";
        org.awaitility.Awaitility.await().until(() -> admin.get(toys).statusCode() == 200);
        post(toys, "{\"apiVersion\":\"play.example/v1\",\"kind\":\"Toy\",\"metadata\":{\"name\":\"ball\"}}");

        assertThat(read(get(toys + "/ball", METADATA)).name()).isEqualTo("ball");
        assertThat(read(get(toys, METADATA)).objects("items"))
                .extracting(Unstructured::name)
                .containsExactly("ball");
        assertThat(get(toys, PROTOBUF + ",application/json").headers().firstValue("content-type"))
                .hasValue("application/json");

        var refused = get(toys, PROTOBUF);
        assertThat(refused.statusCode()).isEqualTo(406);
        assertThat(read(refused).string("reason")).isEqualTo("NotAcceptable");
        assertThat(get(NAMESPACES, PROTOBUF + ";as=Table;g=meta.k8s.io;v=v1").statusCode())
                .isEqualTo(406);
        // The definition itself is built in.
        assertThat(read(get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/toys.play.example", PROTOBUF))
                        .objects("spec", "versions")
                        .getFirst()
                        .object("schema", "openAPIV3Schema")
                        .map())
                .isEqualTo(Json.parseObject("{\"type\":\"object\",\"properties\":{\"spec\":"
                        + "{\"type\":\"object\",\"additionalProperties\":true}}}"));

        // Nothing is deleted for who could not read what was.
        assertThat(send("DELETE", toys, new byte[0]).statusCode()).isEqualTo(406);
        Unstructured gone = read(admin.bytes("DELETE", toys, new byte[0], "Accept", METADATA));
        assertThat(gone.kind()).isEqualTo("PartialObjectMetadataList");
        assertThat(gone.objects("items")).extracting(Unstructured::name).containsExactly("ball");
        assertThat(read(get(toys, METADATA)).objects("items")).isEmpty();
    }

    @Test
    void bodiesThatNobodyCanReadAreRefusedInWords() throws Exception {
        assertThat(refusal(415, "application/cbor", new byte[] {(byte) 0xa0}))
                .isEqualTo("the body of the request was in an unknown format - accepted media types include: "
                        + "application/json, application/yaml, application/vnd.kubernetes.protobuf");
        assertThat(refusal(
                        400,
                        PROTOBUF,
                        "{\"kind\":\"Namespace\",\"apiVersion\":\"v1\"}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(
                        "the object provided is unrecognized (must be of type Namespace): provided data does not appear"
                                + " to be a protobuf message, expected prefix [107 56 115 0] ({\"kind\":\"Namespace\",\"apiVersio ...)");
        byte[] whole = protobuf("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"x\"}}");
        byte[] broken = whole.clone();
        // The length of the metadata, which is what is left.
        int metadata = new String(whole, StandardCharsets.ISO_8859_1).lastIndexOf("\u0001x") - 2;
        broken[metadata] = 127;
        assertThat(refusal(400, PROTOBUF, broken))
                .startsWith("Namespace in version \"v1\" cannot be handled as a Namespace: ");
        assertThat(get(NAMESPACES, "application/cbor").statusCode()).isEqualTo(406);
    }

    private static String refusal(int code, String type, byte[] body) throws Exception {
        var answer = admin.bytes("POST", NAMESPACES, body, "Content-Type", type);
        String text = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(text).isEqualTo(code);
        return Unstructured.parse(text).string("message");
    }

    @Test
    void damagedProtobufIsTheClientsFault() throws Exception {
        List<byte[]> whole = List.of(
                protobuf(
                        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"labels\":{\"a\":\"b\"},"
                                + "\"managedFields\":[{\"fieldsV1\":{\"f:a\":{}}}]},\"spec\":{\"containers\":[{\"name\":\"c\","
                                + "\"image\":\"i\",\"resources\":{\"limits\":{\"cpu\":\"1\"}},\"readinessProbe\":{\"httpGet\":"
                                + "{\"port\":80}}}],\"priority\":0}}"),
                protobuf(
                        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\"},\"data\":{\"a\":\"1\"},"
                                + "\"binaryData\":{\"b\":\"AQID\"}}"));
        List<String> paths = List.of(NAMESPACES + "/default/pods", NAMESPACES + "/default/configmaps");
        Random random = new Random(Long.getLong("coracle.fuzz.seed", 15));
        long end = System.nanoTime()
                + Duration.ofSeconds(Long.getLong("coracle.fuzz.seconds", 2)).toNanos();
        for (int i = 0; i < 200 || System.nanoTime() < end; i++) {
            int kind = random.nextInt(2);
            byte[] body = whole.get(kind).clone();
            for (int n = random.nextInt(6); n >= 0; n--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt();
            }
            byte[] sent = random.nextInt(3) == 0 ? Arrays.copyOf(body, random.nextInt(body.length)) : body;
            var answer = admin.bytes("POST", paths.get(kind) + "?dryRun=All", sent, "Content-Type", PROTOBUF);
            assertThat(answer.statusCode())
                    .as(() -> new String(answer.body(), StandardCharsets.UTF_8) + Arrays.toString(sent))
                    .matches(code -> code == 201 || code / 100 == 4);
        }
    }

    @Test
    void muchIsCompressedForWhoTakesItAndLittleIsNot() throws Exception {
        String secrets = NAMESPACES + "/default/secrets";
        post(
                secrets,
                "{\"metadata\":{\"name\":\"big\"},\"stringData\":{\"x\":\"" + "many words ".repeat(20_000) + "\"}}");
        post(secrets, "{\"metadata\":{\"name\":\"little\"}}");

        for (String type : List.of("application/json", "application/yaml", PROTOBUF)) {
            var plain = admin.bytes("GET", secrets + "/big", new byte[0], "Accept", type);
            var packed =
                    admin.bytes("GET", secrets + "/big", new byte[0], "Accept", type, "Accept-Encoding", "br, gzip");
            assertThat(packed.headers().firstValue("content-encoding")).hasValue("gzip");
            assertThat(packed.headers().firstValue("vary")).hasValue("Accept-Encoding");
            assertThat(packed.body().length).isLessThan(plain.body().length / 10);
            try (var in = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
                assertThat(in.readAllBytes()).isEqualTo(plain.body());
            }
            assertThat(plain.headers().firstValue("content-encoding")).isEmpty();
        }
        for (String coding : List.of("br", "gzip;q=0")) {
            assertThat(admin.bytes("GET", secrets + "/big", new byte[0], "Accept-Encoding", coding)
                            .headers()
                            .firstValue("content-encoding"))
                    .as(coding)
                    .isEmpty();
        }
        assertThat(admin.bytes("GET", secrets + "/little", new byte[0], "Accept-Encoding", "gzip")
                        .headers()
                        .firstValue("content-encoding"))
                .isEmpty();
        var openApi = admin.bytes("GET", "/openapi/v2", new byte[0], "Accept-Encoding", "gzip");
        assertThat(openApi.headers().firstValue("content-encoding")).hasValue("gzip");
        assertThat(openApi.headers().firstValue("vary")).hasValue("Accept, Accept-Encoding");
    }

    @Test
    void whatThereIsCanBeReadAsYamlAndInProtobuf() throws Exception {
        for (String path :
                List.of(NAMESPACES, NAMESPACES + "/default", "/apis", "/apis/apps", "/apis/apps/v1", "/api")) {
            Map<String, Object> json = Json.parseObject(admin.get(path).body());
            var yaml = admin.get(path, "Accept", "application/yaml");
            assertThat(yaml.headers().firstValue("content-type")).hasValue("application/yaml");
            assertThat(Yaml.parseAll(yaml.body())).as(path).containsExactly(json);
            assertThat(read(get(path, PROTOBUF)).kind()).as(path).isEqualTo(json.get("kind"));
        }
        assertThat(admin.get(NAMESPACES + "?watch=true", "Accept", "application/yaml")
                        .statusCode())
                .isEqualTo(406);
    }
}
