package dev.coracle.apiserver.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.builtin.BuiltIns;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.openapi.Documents.Document;
import dev.coracle.apiserver.structural.StructuralSchema;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.Schemas;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DocumentsTest {
    private static final String APPS = "io.k8s.api.apps.v1.";
    private static final String CORE = "io.k8s.api.core.v1.";

    private final List<ResourceDefinition> served = new ArrayList<>(BuiltIns.all());
    private final Documents documents = new Documents(() -> served, Schemas.builtIn());

    private Unstructured document(String at) {
        return Unstructured.parse(documents.document(at).orElseThrow().json());
    }

    private static Unstructured property(Unstructured document, String definition, String property) {
        return document.object("components", "schemas", definition, "properties", property);
    }

    @Test
    void everyGroupAndVersionHasADocumentWhoseReferencesLeadSomewhere() {
        Map<String, String> index = documents.index();
        assertThat(index)
                .containsKeys("api/v1", "apis/apps/v1", "apis/batch/v1", "apis/authorization.k8s.io/v1")
                .doesNotContainKey("apis/apps");
        index.keySet().forEach(at -> {
            Unstructured d = document(at);
            assertThat(d.string("openapi")).startsWith("3.");
            assertThat(d.object("paths").map()).as(at).isNotEmpty();
            Set<String> known = d.object("components", "schemas").map().keySet();
            Set<String> named = references(d.map(), "#/components/schemas/");
            assertThat(known).as(at).containsAll(named);
            assertThat(named).as(at).isNotEmpty();
        });
    }

    @Test
    void versionTwoTellsOfEverythingAtOnce() {
        Unstructured d = Unstructured.parse(documents.version2().json());
        assertThat(d.string("swagger")).isEqualTo("2.0");
        Set<String> known = d.object("definitions").map().keySet();
        assertThat(known).contains(APPS + "Deployment", CORE + "Pod", "io.k8s.api.batch.v1.CronJob");
        assertThat(known).containsAll(references(d.map(), "#/definitions/"));
        assertThat(references(d.map(), "#/components/")).isEmpty();
        assertThat(d.object("paths").map())
                .containsKeys(
                        "/api/v1/pods",
                        "/api/v1/componentstatuses",
                        "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale");
    }

    private static Set<String> references(Object tree, String prefix) {
        Set<String> found = new TreeSet<>();
        if (tree instanceof Map<?, ?> m) {
            if (m.get("$ref") instanceof String ref && ref.startsWith(prefix)) {
                found.add(ref.substring(prefix.length()));
            }
            m.values().forEach(v -> found.addAll(references(v, prefix)));
        } else if (tree instanceof List<?> l) {
            l.forEach(v -> found.addAll(references(v, prefix)));
        }
        return found;
    }

    @Test
    void kindsAreFoundByTheirNamesAndFieldsExplained() {
        Unstructured d = document("apis/apps/v1");
        Unstructured deployment = d.object("components", "schemas", APPS + "Deployment");
        assertThat(deployment.objects("x-kubernetes-group-version-kind"))
                .singleElement()
                .satisfies(gvk -> assertThat(gvk.map())
                        .containsEntry("group", "apps")
                        .containsEntry("version", "v1")
                        .containsEntry("kind", "Deployment"));
        Unstructured strategy = property(d, APPS + "DeploymentSpec", "strategy");
        assertThat(strategy.string("description"))
                .isEqualTo("The deployment strategy to use to replace existing pods with new ones.");
        assertThat(strategy.objects("allOf").getFirst().string("$ref"))
                .isEqualTo("#/components/schemas/" + APPS + "DeploymentStrategy");
        assertThat(d.object("components", "schemas", APPS + "DeploymentSpec").stringList("required"))
                .containsExactly("selector", "template");
        assertThat(property(d, APPS + "DeploymentStrategy", "type").stringList("enum"))
                .containsExactly("Recreate", "RollingUpdate");
    }

    @Test
    void listsSayHowTheyMerge() {
        Unstructured d = document("api/v1");
        Unstructured containers = property(d, CORE + "PodSpec", "containers");
        assertThat(containers.string("x-kubernetes-list-type")).isEqualTo("map");
        assertThat(containers.stringList("x-kubernetes-list-map-keys")).containsExactly("name");
        assertThat(containers.string("x-kubernetes-patch-merge-key")).isEqualTo("name");
        assertThat(containers.string("x-kubernetes-patch-strategy")).isEqualTo("merge");
        assertThat(property(d, CORE + "PodSpec", "volumes").string("x-kubernetes-patch-strategy"))
                .isEqualTo("merge,retainKeys");
        Unstructured tolerations = property(d, CORE + "PodSpec", "tolerations");
        assertThat(tolerations.string("x-kubernetes-list-type")).isEqualTo("atomic");
        assertThat(tolerations.has("x-kubernetes-patch-merge-key")).isFalse();
        assertThat(property(d, CORE + "ContainerPort", "protocol").string("default"))
                .isEqualTo("TCP");
        assertThat(property(d, CORE + "PodSpec", "nodeSelector").string("x-kubernetes-map-type"))
                .isEqualTo("atomic");
    }

    @Test
    void clientsLearnFromPatchThatFieldsAreValidatedAndRunsMayBeDry() {
        Unstructured d = document("apis/apps/v1");
        Unstructured patch = d.object("paths", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}", "patch");
        assertThat(patch.string("x-kubernetes-action")).isEqualTo("patch");
        assertThat(patch.object("x-kubernetes-group-version-kind").string("kind"))
                .isEqualTo("Deployment");
        assertThat(patch.objects("parameters").stream().map(p -> p.string("name")))
                .contains("dryRun", "fieldManager", "fieldValidation", "force");
        assertThat(patch.object("requestBody", "content").map()).containsKey("application/apply-patch+yaml");
        Unstructured get = d.object("paths", "/apis/apps/v1/namespaces/{namespace}/deployments", "get");
        assertThat(get.string("x-kubernetes-action")).isEqualTo("list");
        assertThat(get.string("operationId")).isEqualTo("listAppsV1NamespacedDeployment");
        assertThat(d.object("paths").map())
                .doesNotContainKey("/apis/apps/v1/namespaces/{namespace}/daemonsets/{name}/scale");
    }

    @Test
    void operationsAreNamedOnce() {
        List<String> ids = new ArrayList<>();
        Unstructured paths = Unstructured.parse(documents.version2().json()).object("paths");
        for (String path : paths.map().keySet()) {
            Unstructured item = paths.object(path);
            item.map().keySet().stream()
                    .filter(method -> !method.equals("parameters"))
                    .forEach(method -> ids.add(item.string(method, "operationId")));
        }
        assertThat(ids).doesNotHaveDuplicates().contains("patchCoreV1NamespacedPod", "readCoreV1Node");
    }

    @Test
    void aDocumentStaysUntilTheResourcesChange() {
        Document before = documents.document("apis/batch/v1").orElseThrow();
        assertThat(documents.document("apis/batch/v1").orElseThrow()).isSameAs(before);
        assertThat(new Documents(() -> served, Schemas.builtIn())
                        .document("apis/batch/v1")
                        .orElseThrow()
                        .hash())
                .isEqualTo(before.hash());
        served.removeIf(d -> d.plural().equals("cronjobs"));
        assertThat(documents.document("apis/batch/v1").orElseThrow().hash()).isNotEqualTo(before.hash());
    }

    @Test
    void aKindWithoutSchemaIsOpen() {
        served.add(DefinitionBuilder.namespaced("nobody.example", "v1", "Thing", "things")
                .build());
        Unstructured thing = document("apis/nobody.example/v1")
                .object("components", "schemas", "dev.coracle.nobody.example.v1.Thing");
        assertThat(thing.get("x-kubernetes-preserve-unknown-fields")).isEqualTo(true);
        assertThat(documents.document("apis/nobody.example/v2")).isEmpty();
        assertThat(Json.string(thing.map())).contains("\"kind\":\"Thing\"");
    }

    @Test
    void aKindThatUsersBroughtIsToldByItsOwnSchema() {
        var kind = new GroupVersionKind("stable.example.com", "v1", "CronTab");
        served.add(DefinitionBuilder.namespaced(kind.group(), kind.version(), kind.kind(), "crontabs")
                .schema(StructuralSchema.parse(Map.of(
                        "type",
                        "object",
                        "properties",
                        Map.of(
                                "spec",
                                Map.of(
                                        "type",
                                        "object",
                                        "nullable",
                                        true,
                                        "properties",
                                        Map.of("not", Map.of("type", "string")))))))
                .build());
        Unstructured document = document("apis/stable.example.com/v1");
        Unstructured cronTab = document.object("components", "schemas", "com.example.stable.v1.CronTab");
        assertThat(cronTab.string("properties", "spec", "properties", "not", "type"))
                .isEqualTo("string");
        assertThat(cronTab.string("properties", "metadata", "description")).startsWith("Standard object's metadata");
        assertThat(cronTab.string("properties", "apiVersion", "description")).startsWith("APIVersion defines");
        assertThat(cronTab.string("properties", "kind", "description")).startsWith("Kind is a string value");
        assertThat(document.string(
                        "components",
                        "schemas",
                        "com.example.stable.v1.CronTabList",
                        "properties",
                        "metadata",
                        "description"))
                .startsWith("Standard list metadata");
        assertThat(document.has("components", "schemas", "com.example.stable.v1.CronTabList"))
                .isTrue();
        Unstructured patch =
                document.object("paths", "/apis/stable.example.com/v1/namespaces/{namespace}/crontabs/{name}", "patch");
        assertThat(patch.object("requestBody", "content").map())
                .containsOnlyKeys(
                        "application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json");
        Unstructured old =
                Unstructured.parse(documents.version2().json()).object("definitions", "com.example.stable.v1.CronTab");
        assertThat(old.has("properties", "spec", "nullable")).isFalse();
        assertThat(documents.version2Protobuf()).isNotEmpty();
    }
}
