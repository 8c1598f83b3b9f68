package dev.coracle.machinery.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.patch.StrategicMergePatch;
import dev.coracle.machinery.schema.Property.ListType;
import dev.coracle.machinery.schema.Schema.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Facts that upstream's OpenAPI document states, of the schemas that the build made. */
class SchemasTest {
    private final Schemas schemas = Schemas.builtIn();
    private final Schema pod = kind("v1", "Pod");
    private final Schema deployment = kind("apps/v1", "Deployment");

    private Schema kind(String apiVersion, String kind) {
        return schemas.of(apiVersion, kind).orElseThrow();
    }

    private static Property at(Schema schema, String path) {
        return schema.at(path).orElseThrow();
    }

    @Test
    void listsOfNamedThingsAreMapsByTheirName() {
        for (String list : List.of("containers", "initContainers", "ephemeralContainers", "volumes")) {
            Property p = at(pod, "spec." + list);
            assertThat(p.listType()).as(list).contains(ListType.MAP);
            assertThat(p.listKeys()).as(list).containsExactly("name");
            assertThat(p.patchMergeKey()).as(list).contains("name");
        }
        assertThat(at(pod, "spec.volumes").patchStrategy()).containsExactly("merge", "retainKeys");
        Property ports = at(deployment, "spec.template.spec.containers.ports");
        assertThat(ports.listKeys()).containsExactly("containerPort", "protocol");
        assertThat(ports.patchMergeKey()).contains("containerPort");
        assertThat(at(deployment, "spec.template.spec.containers.ports.protocol")
                        .defaultValue())
                .contains("\"TCP\"");
    }

    @Test
    void listsWithoutIdentityAreAtomicOrSets() {
        assertThat(at(pod, "spec.tolerations").listType()).contains(ListType.ATOMIC);
        assertThat(at(pod, "spec.tolerations").patchMergeKey()).isEmpty();
        assertThat(at(pod, "spec.containers.command").listType()).contains(ListType.ATOMIC);
        assertThat(at(pod, "metadata.finalizers").listType()).contains(ListType.SET);
        assertThat(at(pod, "spec.nodeSelector").atomic()).isTrue();
        assertThat(at(pod, "metadata.labels").atomic()).isFalse();
    }

    @Test
    void requiredIsWhatUpstreamRequires() {
        assertThat(required("io.k8s.api.apps.v1.DeploymentSpec")).containsExactlyInAnyOrder("selector", "template");
        assertThat(required("io.k8s.api.core.v1.PodSpec")).containsExactly("containers");
        assertThat(required("io.k8s.api.core.v1.Container")).containsExactly("name");
        assertThat(required("io.k8s.api.core.v1.ServicePort")).containsExactly("port");
        assertThat(required("io.k8s.api.rbac.v1.RoleBinding")).containsExactly("roleRef");
        assertThat(required("io.k8s.api.core.v1.Pod")).isEmpty();
    }

    private Set<String> required(String definition) {
        return schemas.named(definition).orElseThrow().properties().values().stream()
                .filter(Property::required)
                .map(Property::name)
                .collect(Collectors.toSet());
    }

    @Test
    void typesAreAsFineAsGos() {
        assertThat(at(deployment, "spec.replicas").schema().kind()).isEqualTo(Kind.INT32);
        assertThat(at(pod, "spec.terminationGracePeriodSeconds").schema().kind())
                .isEqualTo(Kind.INT64);
        assertThat(at(deployment, "spec.strategy.rollingUpdate.maxSurge")
                        .schema()
                        .kind())
                .isEqualTo(Kind.INT_OR_STRING);
        assertThat(at(pod, "spec.containers.resources.limits")
                        .schema()
                        .element()
                        .kind())
                .isEqualTo(Kind.QUANTITY);
        assertThat(at(pod, "metadata.creationTimestamp").schema().kind()).isEqualTo(Kind.TIME);
        assertThat(at(kind("coordination.k8s.io/v1", "Lease"), "spec.renewTime")
                        .schema()
                        .kind())
                .isEqualTo(Kind.MICRO_TIME);
        assertThat(at(kind("v1", "Secret"), "data").schema().element().kind()).isEqualTo(Kind.BYTES);
        assertThat(at(pod, "metadata.managedFields.fieldsV1").schema().preservesUnknownFields())
                .isTrue();
        assertThat(at(pod, "spec.restartPolicy").schema().goType()).isEqualTo("v1.RestartPolicy");
        assertThat(at(pod, "spec.restartPolicy").values()).containsExactly("Always", "Never", "OnFailure");
    }

    @Test
    void whatGoInlinesIsInline() {
        assertThat(pod.at("spec.containers.livenessProbe.httpGet.path")).isPresent();
        assertThat(pod.at("spec.containers.livenessProbe.handler")).isEmpty();
        assertThat(pod.at("spec.volumes.emptyDir.sizeLimit")).isPresent();
        assertThat(pod.at("spec.volumes.volumeSource")).isEmpty();
        assertThat(pod.at("spec.containers.env.valueFrom.secretKeyRef.name")).isPresent();
    }

    @Test
    void textsExplain() {
        assertThat(at(deployment, "spec.strategy").description())
                .isEqualTo("The deployment strategy to use to replace existing pods with new ones.");
        assertThat(at(deployment, "spec.strategy.type").description())
                .isEqualTo("Type of deployment. Can be \"Recreate\" or \"RollingUpdate\". Default is RollingUpdate.");
        assertThat(deployment.description())
                .isEqualTo("Deployment enables declarative updates for Pods and ReplicaSets.");
        assertThat(at(pod, "spec.schedulingGates").description())
                .contains("\n\n")
                .doesNotContain("+listType");
    }

    @Test
    void everyKindOfTheServedGroupsIsThereAndEveryReferenceLeadsSomewhere() {
        for (String gv : List.of(
                "v1",
                "apps/v1",
                "batch/v1",
                "autoscaling/v1",
                "autoscaling/v2",
                "policy/v1",
                "networking.k8s.io/v1",
                "storage.k8s.io/v1",
                "rbac.authorization.k8s.io/v1",
                "discovery.k8s.io/v1",
                "coordination.k8s.io/v1",
                "scheduling.k8s.io/v1",
                "events.k8s.io/v1",
                "apiextensions.k8s.io/v1",
                "apiregistration.k8s.io/v1",
                "admissionregistration.k8s.io/v1",
                "authentication.k8s.io/v1",
                "authorization.k8s.io/v1",
                "certificates.k8s.io/v1",
                "node.k8s.io/v1",
                "flowcontrol.apiserver.k8s.io/v1")) {
            int slash = gv.indexOf('/');
            var all = schemas.in(slash < 0 ? "" : gv.substring(0, slash), gv.substring(slash + 1));
            assertThat(all).as(gv).isNotEmpty();
            Set<String> seen = new HashSet<>();
            Deque<Schema> left = new ArrayDeque<>(all);
            while (!left.isEmpty()) {
                Schema s = left.pop();
                if (s.kind() == Kind.LIST || s.kind() == Kind.MAP) {
                    left.push(s.element());
                } else if (seen.add(s.name())) {
                    s.properties().values().forEach(p -> left.push(p.schema()));
                }
            }
        }
    }

    @Test
    void webhooksAndConditionsOfServicesMergeToo() {
        Schema webhooks = kind("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration");
        assertThat(at(webhooks, "webhooks").listKeys()).containsExactly("name");
        Schema apiService = kind("apiregistration.k8s.io/v1", "APIService");
        assertThat(at(apiService, "status.conditions").patchMergeKey()).contains("type");
        assertThat(apiService.at("spec.service.port")).isPresent();
    }

    @Test
    void nobodyServesWhatIsNotThere() {
        assertThat(schemas.of("apps/v1", "Pod")).isEmpty();
        assertThat(schemas.of("nobody.example/v1", "Pod")).isEmpty();
        assertThat(schemas.in("nobody.example", "v1")).isEmpty();
    }

    @Test
    void patchesAndAppliesFollowTheSchema() {
        var keys = new SchemaMergeKeys(deployment);
        assertThat(keys.of("spec.template.spec.containers")).isEqualTo("name");
        assertThat(keys.of("spec.template.spec.containers.volumeMounts")).isEqualTo("mountPath");
        assertThat(keys.of("metadata.finalizers")).isEmpty();
        assertThat(keys.of("spec.template.spec.tolerations")).isNull();
        assertThat(keys.of("spec.template.spec.containers.args")).isNull();
        var structure = new SchemaStructure(deployment);
        assertThat(structure.listKeys("spec.template.spec.topologySpreadConstraints"))
                .containsExactly("topologyKey", "whenUnsatisfiable");
        assertThat(structure.listKeys("metadata.finalizers")).isEmpty();
        assertThat(structure.listKeys("spec.template.spec.tolerations")).isNull();
        assertThat(structure.atomicMap("spec.selector")).isTrue();
        assertThat(structure.atomicMap("spec.template.metadata.labels")).isFalse();
        assertThat(new SchemaStructure(kind("v1", "Service")).listKeys("spec.ports"))
                .containsExactly("port", "protocol");
        Map<String, Object> merged = new StrategicMergePatch(new SchemaMergeKeys(kind("v1", "Service")))
                .apply(
                        Map.of("spec", Map.of("ports", List.of(Map.of("port", 80L, "name", "http")))),
                        Map.of("spec", Map.of("ports", List.of(Map.of("port", 81L, "name", "admin")))));
        assertThat(merged.toString()).contains("http").contains("admin");
    }
}
