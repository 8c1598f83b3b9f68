package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.apiserver.Cluster.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.memory.MemoryStore;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An APIService says who answers for a group and version; of what this server answers for it writes them itself. */
class ApiServiceStoryTest {
    private static final GroupVersionResource API_SERVICES =
            new GroupVersionResource("apiregistration.k8s.io", "v1", "apiservices");
    private static final GroupVersionResource DEFINITIONS =
            new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");
    private static final String MANAGED = "kube-aggregator.kubernetes.io/automanaged";
    private static final String CRON_TABS = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: crontabs.stable.example.com}
            spec:
              group: stable.example.com
              scope: Namespaced
              names: {plural: crontabs, kind: CronTab}
              versions:
              - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
              - {name: v2, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}
            """;

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private Unstructured service(String name) {
        return cluster.admin.get(API_SERVICES, "", name).object();
    }

    private boolean there(String name) {
        return cluster.admin.list(API_SERVICES, "", ListOptions.ALL).items().stream()
                .anyMatch(r -> r.name().equals(name));
    }

    private void settle() {
        cluster.world.advance(Duration.ofSeconds(1));
    }

    private static Unstructured widgets(String spec) {
        return yaml("""
                {apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: v1.widgets.example.com},
                 spec: {group: widgets.example.com, version: v1, %s}}
                """.formatted(spec));
    }

    private StatusException refusedAs(String spec) {
        return refused(() -> cluster.admin.create(API_SERVICES, "", widgets(spec), WriteOptions.DEFAULT));
    }

    @Test
    void eachBuiltInGroupHasOne() {
        Unstructured core = service("v1.");
        assertThat(core.labels()).containsEntry(MANAGED, "onstart");
        assertThat(core.object("spec"))
                .isEqualTo(yaml("{version: v1, groupPriorityMinimum: 18000, versionPriority: 1}"));
        assertThat(service("v2.autoscaling").object("spec"))
                .isEqualTo(yaml("{group: autoscaling, version: v2, groupPriorityMinimum: 17500, versionPriority: 30}"));
        assertThat(there("v1.authorization.k8s.io")).isTrue();
        Unstructured condition =
                service("v1.apps").objects("status", "conditions").getFirst();
        assertThat(condition.string("type")).isEqualTo("Available");
        assertThat(condition.string("status")).isEqualTo("True");
        assertThat(condition.string("reason")).isEqualTo("Local");
        assertThat(condition.string("message")).isEqualTo("Local APIServices are always available");
        assertThat(condition.string("lastTransitionTime")).isNotEmpty();
        // Nobody could take it away again.
        assertThat(there("v1.apiregistration.k8s.io")).isFalse();
    }

    @Test
    void thoseOfDefinitionsComeAndGoWithThem() {
        cluster.admin.create(DEFINITIONS, "", yaml(CRON_TABS), WriteOptions.DEFAULT);
        settle();
        assertThat(service("v2.stable.example.com").object("spec"))
                .isEqualTo(yaml(
                        "{group: stable.example.com, version: v2, groupPriorityMinimum: 1000, versionPriority: 100}"));
        assertThat(service("v1.stable.example.com").labels()).containsEntry(MANAGED, "true");

        Unstructured less = cluster.admin
                .get(DEFINITIONS, "", "crontabs.stable.example.com")
                .object()
                .copy();
        less.objects("spec", "versions").get(1).set(false, "served");
        cluster.admin.update(DEFINITIONS, less, WriteOptions.DEFAULT);
        settle();
        assertThat(there("v2.stable.example.com")).isFalse();

        cluster.admin.delete(API_SERVICES, "", "v1.stable.example.com", DeleteOptions.DEFAULT);
        settle();
        assertThat(there("v1.stable.example.com")).isTrue();
        cluster.admin.delete(DEFINITIONS, "", "crontabs.stable.example.com", DeleteOptions.DEFAULT);
        settle();
        assertThat(there("v1.stable.example.com")).isFalse();
    }

    @Test
    void whatSomebodyElseHasWrittenForADefinitionIsLeftAlone() {
        Unstructured theirs = widgets("groupPriorityMinimum: 7, versionPriority: 8")
                .set("v1.stable.example.com", "metadata", "name")
                .set("stable.example.com", "spec", "group");
        cluster.admin.create(API_SERVICES, "", theirs, WriteOptions.DEFAULT);
        cluster.admin.create(DEFINITIONS, "", yaml(CRON_TABS), WriteOptions.DEFAULT);
        settle();
        assertThat(service("v1.stable.example.com").integer(0, "spec", "groupPriorityMinimum"))
                .isEqualTo(7);
    }

    @Test
    void builtInOnesAreSomebodysWhoChangesThemUntilTheNextStart() {
        var store = new MemoryStore(cluster.world.environment());
        try (ApiServer first = ApiServer.over(store, cluster.world.environment())) {
            var admin = first.client(dev.coracle.apiserver.authentication.UserInfo.ADMIN);
            admin.patch(
                    API_SERVICES,
                    "",
                    "v1.apps",
                    Patch.merge(yaml("{spec: {versionPriority: 1}}")),
                    WriteOptions.DEFAULT);
            admin.delete(API_SERVICES, "", "v1.batch", DeleteOptions.DEFAULT);
            settle();
            assertThat(admin.get(API_SERVICES, "", "v1.apps").object().integer(0, "spec", "versionPriority"))
                    .isEqualTo(1);
        }
        try (ApiServer second = ApiServer.over(store, cluster.world.environment())) {
            var admin = second.client(dev.coracle.apiserver.authentication.UserInfo.ADMIN);
            assertThat(admin.get(API_SERVICES, "", "v1.apps").object().integer(0, "spec", "versionPriority"))
                    .isEqualTo(15);
            assertThat(admin.get(API_SERVICES, "", "v1.batch").object().integer(0, "spec", "versionPriority"))
                    .isEqualTo(15);
        }
        store.close();
    }

    @Test
    void aServiceIsReachedAt443UnlessItSaysOtherwise() {
        Unstructured o = cluster.admin
                .create(
                        API_SERVICES,
                        "",
                        widgets("groupPriorityMinimum: 1, versionPriority: 1, service: {namespace: a, name: b}"),
                        WriteOptions.DEFAULT)
                .object();
        assertThat(o.integer(0, "spec", "service", "port")).isEqualTo(443);
        assertThat(o.objects("status", "conditions")).isEmpty();
    }

    @Test
    void badOnesAreRefusedInUpstreamsWords() {
        assertThat(refusedAs("groupPriorityMinimum: 20001, versionPriority: 0"))
                .hasMessageContaining(
                        "spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000")
                .hasMessageContaining("spec.versionPriority: Invalid value: 0: must be positive and less than 1000");
        String priorities = "groupPriorityMinimum: 20000, versionPriority: 1000, ";
        assertThat(refusedAs(priorities + "caBundle: YWJj, insecureSkipTLSVerify: true"))
                .hasMessageContaining(
                        "spec.caBundle: Invalid value: \"3 bytes\": local APIServices may not have a caBundle")
                .hasMessageContaining("spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have"
                        + " insecureSkipTLSVerify");
        assertThat(refusedAs(priorities + "service: {}, caBundle: YWJj, insecureSkipTLSVerify: true"))
                .hasMessageContaining("spec.service.namespace: Required value")
                .hasMessageContaining("spec.service.name: Required value")
                .hasMessageContaining(
                        "spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is" + " present");
        Unstructured misnamed =
                widgets(priorities + "service: {namespace: a, name: b}").set("x", "metadata", "name");
        assertThat(refused(() -> cluster.admin.create(API_SERVICES, "", misnamed, WriteOptions.DEFAULT)))
                .hasMessageContaining("metadata.name: Invalid value: \"x\": must be `spec.version+\".\"+spec.group`:"
                        + " \"v1.widgets.example.com\"");
        Unstructured nameless = widgets(priorities + "service: {namespace: a, name: b}")
                .set("v2.", "metadata", "name")
                .set("v2", "spec", "version")
                .set("", "spec", "group");
        assertThat(refused(() -> cluster.admin.create(API_SERVICES, "", nameless, WriteOptions.DEFAULT)))
                .hasMessageContaining(
                        "spec.group: Required value: only v1 may have an empty group and it better be legacy kube");
        Unstructured version =
                widgets(priorities + "service: {namespace: a, name: b}").set("1", "spec", "version");
        assertThat(refused(() -> cluster.admin.create(API_SERVICES, "", version, WriteOptions.DEFAULT)))
                .hasMessageContaining("spec.version: Invalid value: \"1\": a DNS-1035 label must consist of");
    }

    @Test
    void extensionServersFindWhatTheyMayRead() {
        assertThat(cluster.admin
                        .get(Resources.ROLES, "kube-system", "extension-apiserver-authentication-reader")
                        .object()
                        .objects("rules")
                        .getFirst())
                .isEqualTo(yaml("{verbs: [get, list, watch], apiGroups: [''], resources: [configmaps], resourceNames:"
                        + " [extension-apiserver-authentication]}"));
        assertThat(cluster.admin
                        .get(
                                Resources.ROLE_BINDINGS,
                                "kube-system",
                                "system::extension-apiserver-authentication-reader")
                        .object()
                        .string("roleRef", "kind"))
                .isEqualTo("Role");
    }
}
