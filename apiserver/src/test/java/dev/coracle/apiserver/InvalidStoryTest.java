package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.causes;
import static dev.coracle.apiserver.Cluster.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is refused, and in which words. Each case of {@code invalid.yaml} has a good object, where one is needed; what is
 * tried (a whole object, or a merge patch on the good one); and what it is told.
 */
class InvalidStoryTest {
    private static final Map<String, GroupVersionResource> RESOURCES = Map.ofEntries(
            Map.entry("Pod", Resources.PODS),
            Map.entry("Deployment", Resources.DEPLOYMENTS),
            Map.entry("StatefulSet", Resources.STATEFUL_SETS),
            Map.entry("DaemonSet", Resources.DAEMON_SETS),
            Map.entry("Job", Resources.JOBS),
            Map.entry("CronJob", Resources.CRON_JOBS),
            Map.entry("Service", Resources.SERVICES),
            Map.entry("EndpointSlice", Resources.ENDPOINT_SLICES),
            Map.entry("Endpoints", Resources.ENDPOINTS),
            Map.entry("Node", Resources.NODES),
            Map.entry("ConfigMap", Resources.CONFIG_MAPS),
            Map.entry("Secret", Resources.SECRETS),
            Map.entry("PersistentVolumeClaim", Resources.PERSISTENT_VOLUME_CLAIMS),
            Map.entry("Ingress", Resources.INGRESSES),
            Map.entry("Role", Resources.ROLES),
            Map.entry("RoleBinding", Resources.ROLE_BINDINGS),
            Map.entry("Namespace", Resources.NAMESPACES),
            Map.entry("StorageClass", Resources.STORAGE_CLASSES),
            Map.entry("PriorityClass", Resources.PRIORITY_CLASSES));

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    /** @param told after {@code Kind "name" is invalid: } */
    record Case(String title, Unstructured given, Unstructured tried, List<String> told) {
        @Override
        public String toString() {
            return title;
        }
    }

    static Stream<Case> cases() throws IOException {
        try (InputStream in = InvalidStoryTest.class.getResourceAsStream("invalid.yaml")) {
            return Yaml.parseAll(new String(in.readAllBytes(), StandardCharsets.UTF_8)).stream()
                    .map(InvalidStoryTest::tree)
                    .map(c -> new Case(c.string("title"), c.object("given"), c.object("tried"), c.stringList("told")));
        }
    }

    @SuppressWarnings("unchecked")
    private static Unstructured tree(Object document) {
        return new Unstructured((Map<String, Object>) document);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void refusedInUpstreamsWords(Case c) {
        boolean patch = !c.given().map().isEmpty();
        Unstructured o = patch ? c.given() : c.tried();
        GroupVersionResource r = RESOURCES.get(o.kind());
        Unstructured stored = patch ? cluster.create(r, Json.string(o.map())) : null;
        int before = cluster.count(r);
        StatusException e = refused(() -> {
            if (patch) {
                cluster.merge(r, o.name(), Json.string(c.tried().map()));
            } else {
                cluster.create(r, Json.string(c.tried().map()));
            }
        });
        String kind = r.group().isEmpty() ? o.kind() : o.kind() + "." + r.group();
        String told = c.told().size() == 1 ? c.told().getFirst() : "[" + String.join(", ", c.told()) + "]";
        assertThat(e).hasMessage(kind + " \"" + o.name() + "\" is invalid: " + told);
        assertThat(e.code()).isEqualTo(422);
        assertThat(e.reason()).isEqualTo("Invalid");
        assertThat(e.details().string("kind")).isEqualTo(o.kind());
        assertThat(causes(e)).allMatch(cause -> cause.startsWith("FieldValue"));
        assertThat(cluster.count(r)).isEqualTo(before);
        if (stored != null) {
            assertThat(cluster.get(r, o.name())).isEqualTo(stored);
        }
    }
}
