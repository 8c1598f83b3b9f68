package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.apiserver.builtin.BuiltIns;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.ProtobufReader;
import dev.coracle.machinery.schema.Schemas;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Whatever is sent, the answer is the client's fault or a success: never a 5xx, a hang or a malformed {@code Status}. For a
 * longer look: {@code mvn -pl apiserver test -Dtest=FuzzStoryTest -Dcoracle.fuzz.seconds=3600 -Dcoracle.fuzz.seed=7}.
 */
class FuzzStoryTest {
    private static final long SEED = Long.getLong("coracle.fuzz.seed", 20261126);
    private static final Duration TIME = Duration.ofSeconds(Long.getLong("coracle.fuzz.seconds", 20));
    private static final int ENOUGH = 20;

    /** Upstream has no reason for these and so answers 500, too. */
    private static final List<String> AS_UPSTREAM = List.of(
            "resourceVersion should not be set on objects to be created",
            "failed to create typed patch object",
            "etcdserver: request is too large",
            "no preferred addresses found",
            "no endpoints available for service",
            "Timeout: Too large resource version",
            // Whoever deletes the Service ranges.
            "failed to allocate a serviceIP: range is full");

    private static final String POD = "{metadata: {labels: {x: a}}, spec: {containers: [{name: c, image: i}]}}";
    private static final String WORKLOAD = "selector: {matchLabels: {x: a}}, template: " + POD;

    /** What patches and the like find: the path of a collection, and the rest of an object that may lie there. */
    private static final Map<String, String> LIVE = Map.ofEntries(
            Map.entry("/api/v1/namespaces/default/configmaps", "data: {a: x}"),
            Map.entry("/api/v1/namespaces/default/secrets", "data: {a: eA==}"),
            Map.entry("/api/v1/namespaces/default/pods", "spec: {containers: [{name: c, image: i}]}"),
            Map.entry("/api/v1/namespaces/default/services", "spec: {ports: [{port: 80}]}"),
            Map.entry(
                    "/api/v1/namespaces/default/persistentvolumeclaims",
                    "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}"),
            Map.entry("/api/v1/namespaces/default/events", "involvedObject: {namespace: default}"),
            Map.entry("/api/v1/nodes", "spec: {}"),
            Map.entry("/apis/apps/v1/namespaces/default/deployments", "spec: {" + WORKLOAD + "}"),
            Map.entry("/apis/apps/v1/namespaces/default/replicasets", "spec: {" + WORKLOAD + "}"),
            Map.entry("/apis/apps/v1/namespaces/default/daemonsets", "spec: {" + WORKLOAD + "}"),
            Map.entry("/apis/apps/v1/namespaces/default/statefulsets", "spec: {serviceName: s, " + WORKLOAD + "}"),
            Map.entry(
                    "/apis/batch/v1/namespaces/default/jobs",
                    "spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}"),
            Map.entry(
                    "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
                    "spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}"),
            Map.entry("/apis/example.com/v1/namespaces/default/works", "spec: {replicas: 2}"),
            Map.entry("/apis/policy/v1/namespaces/default/poddisruptionbudgets", "spec: {minAvailable: 1}"),
            Map.entry("/apis/coordination.k8s.io/v1/namespaces/default/leases", "spec: {}"),
            Map.entry("/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", "rules: []"),
            Map.entry("/apis/storage.k8s.io/v1/storageclasses", "provisioner: x/y"),
            Map.entry("/apis/scheduling.k8s.io/v1/priorityclasses", "value: 5"));

    /** By what is wrong with the answer, the first request that had it. */
    private final Map<String, String> found = new LinkedHashMap<>();

    @Test
    void nothingThatIsSentIsTheServersFault() throws Exception {
        List<ResourceDefinition> definitions = new ArrayList<>(BuiltIns.all());
        // Every tenth request is about kinds that users brought.
        Collections.nCopies(definitions.size() / 10, BROUGHT).forEach(definitions::add);
        var requests = new FuzzedRequests(definitions, Schemas.builtIn(), SEED);
        var codes = new TreeMap<Integer, Integer>();
        try (var server = new SecureServer();
                var admin = new RawClient(() -> server.socket("CN=ann,O=system:masters"))) {
            var clock = server.system.environment().clock();
            var end = clock.now().plus(TIME);
            for (int i = 0; found.size() < ENOUGH && clock.now().isBefore(end); i++) {
                if (i % 300 == 0) {
                    fill(admin);
                }
                FuzzedRequests.Fuzzed f = requests.next();
                String what = "request " + i + " of seed " + SEED + ": " + f;
                RawClient.Answer answer = send(admin, f, what);
                codes.merge(answer.code(), 1, Integer::sum);
                wrong(answer).ifPresent(why -> found.putIfAbsent(why, what));
            }
        }
        System.getLogger("coracle.fuzz").log(System.Logger.Level.INFO, "answers by code: " + codes);
        assertThat(found).isEmpty();
        // The requests are no mere nonsense: some of everything came through.
        assertThat(codes).containsKeys(200, 201, 400, 404, 405, 409, 415, 422);
    }

    private static final ResourceDefinition BROUGHT = DefinitionBuilder.namespaced("example.com", "v1", "Work", "works")
            .subresources("status", "scale")
            .build();
    private static final String BRINGS = """
            metadata: {name: works.example.com}
            spec:
              group: example.com
              scope: Namespaced
              names: {plural: works, kind: Work}
              versions:
              - name: v1
                served: true
                storage: true
                subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
                additionalPrinterColumns:
                - {name: Images, type: string, jsonPath: '.spec.template.spec.containers[*].image'}
                - {name: Ready, type: date, jsonPath: '.status.conditions[?(@.type=="Available")].lastUpdateTime'}
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      spec:
                        type: object
                        properties:
                          replicas: {type: integer, minimum: 0, default: 1}
                          minReadySeconds: {type: integer, format: int32}
                          paused: {type: boolean, nullable: true}
                          strategy:
                            type: object
                            properties:
                              type: {type: string, enum: [Recreate, RollingUpdate]}
                              rollingUpdate:
                                type: object
                                properties: {maxSurge: {x-kubernetes-int-or-string: true}}
                          selector: {type: object, x-kubernetes-preserve-unknown-fields: true}
                          template: {type: object, x-kubernetes-preserve-unknown-fields: true}
                      status:
                        type: object
                        properties:
                          replicas: {type: integer}
                          conditions:
                            type: array
                            x-kubernetes-list-type: map
                            x-kubernetes-list-map-keys: [type]
                            items:
                              type: object
                              required: [type]
                              properties:
                                type: {type: string}
                                status: {type: string}
                                lastUpdateTime: {type: string, format: date-time}
            """;

    /** Kinds of users' own, which others may take away again. */
    private static void bring(RawClient admin) throws Exception {
        String definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        var headers = Map.of("Content-Type", "application/yaml");
        await().until(() -> {
            admin.ask("POST", definitions, headers, BRINGS.getBytes(StandardCharsets.UTF_8));
            return admin.ask("GET", "/apis/example.com/v1/works", Map.of(), new byte[0])
                            .code()
                    == 200;
        });
    }

    private static void fill(RawClient admin) throws Exception {
        bring(admin);
        // There is no controller that makes it, and pods need it.
        admin.ask(
                "POST",
                "/api/v1/namespaces/default/serviceaccounts",
                Map.of("Content-Type", "application/yaml"),
                "{metadata: {name: default}}".getBytes(StandardCharsets.UTF_8));
        // Nor one that holds or restores the range that Services have their addresses from.
        admin.ask(
                "POST",
                "/apis/networking.k8s.io/v1/servicecidrs",
                Map.of("Content-Type", "application/yaml"),
                "{metadata: {name: kubernetes}, spec: {cidrs: [10.96.0.0/16]}}".getBytes(StandardCharsets.UTF_8));
        for (var live : LIVE.entrySet()) {
            for (String name : List.of("a", "b")) {
                byte[] body =
                        ("{metadata: {name: " + name + "}, " + live.getValue() + "}").getBytes(StandardCharsets.UTF_8);
                var answer = admin.ask("POST", live.getKey(), Map.of("Content-Type", "application/yaml"), body);
                if (AS_UPSTREAM.stream().noneMatch(answer.body()::contains)) {
                    assertThat(answer.code()).as(live.getKey() + answer.body()).isIn(201, 409);
                }
            }
        }
    }

    private static RawClient.Answer send(RawClient admin, FuzzedRequests.Fuzzed f, String what) {
        Map<String, String> headers = new LinkedHashMap<>(Map.of("Accept", f.accept()));
        if (!f.type().isEmpty()) {
            headers.put("Content-Type", f.type());
        }
        try {
            return admin.ask(f.method(), f.path(), headers, f.body());
        } catch (Exception e) {
            throw new AssertionError("no answer: " + what, e);
        }
    }

    /** In whatever form it was asked for. */
    @SuppressWarnings("unchecked")
    private static Unstructured status(RawClient.Answer answer) {
        return switch (answer.headers().getOrDefault("content-type", "")) {
            case "application/yaml" ->
                new Unstructured(
                        (Map<String, Object>) Yaml.parseAll(answer.body()).getFirst());
            case "application/vnd.kubernetes.protobuf" ->
                new Unstructured(new ProtobufReader(Schemas.builtIn()).read(answer.bytes()));
            default -> Unstructured.parse(answer.body());
        };
    }

    private static Optional<String> wrong(RawClient.Answer answer) {
        int code = answer.code();
        if (code < 400) {
            return Optional.empty();
        }
        try {
            Unstructured status = status(answer);
            String message = status.string("message");
            boolean whole = status.kind().equals("Status")
                    && status.apiVersion().equals("v1")
                    && status.string("status").equals("Failure")
                    && status.integer(0, "code") == code
                    && !message.isEmpty()
                    && !message.contains("Exception");
            boolean ours = code >= 500 && AS_UPSTREAM.stream().noneMatch(message::startsWith);
            return whole && !ours ? Optional.empty() : Optional.of(answer.body());
        } catch (MalformedJsonException e) {
            return Optional.of(code + " " + answer.body());
        }
    }
}
