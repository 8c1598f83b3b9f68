package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.causes;
import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.apiserver.Cluster.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.ApiResource;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Users bring kinds of their own, change them and take them away. */
class CustomResourceStoryTest {
    private static final GroupVersionResource DEFINITIONS =
            new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");
    private static final GroupVersionResource CRON_TABS =
            new GroupVersionResource("stable.example.com", "v1", "crontabs");
    private static final String CRON_TAB = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: crontabs.stable.example.com}
            spec:
              group: stable.example.com
              scope: Namespaced
              names: {plural: crontabs, kind: CronTab, shortNames: [ct], categories: [all]}
              versions:
              - name: v1
                served: true
                storage: true
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      spec:
                        type: object
                        required: [cronSpec]
                        properties:
                          cronSpec: {type: string, pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$'}
                          replicas: {type: integer, minimum: 1, maximum: 10, default: 1}
                      status:
                        type: object
                        properties: {replicas: {type: integer}, selector: {type: string}}
                subresources:
                  status: {}
                  scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.selector}
                additionalPrinterColumns:
                - {name: Spec, type: string, jsonPath: .spec.cronSpec}
                - {name: Replicas, type: integer, jsonPath: .spec.replicas, priority: 1}
            """;
    private static final String MINE = """
            {apiVersion: stable.example.com/v1, kind: CronTab, metadata: {name: mine}, spec: {cronSpec: '* * * * */5'}}
            """;

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private Unstructured define(String definition) {
        cluster.admin.create(DEFINITIONS, "", yaml(definition), WriteOptions.DEFAULT);
        settle();
        return cluster.admin.get(DEFINITIONS, "", yaml(definition).name()).object();
    }

    private void settle() {
        cluster.world.advance(Duration.ofSeconds(1));
    }

    private static String condition(Unstructured crd, String type) {
        return crd.objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals(type))
                .map(c -> c.string("status") + " " + c.string("reason"))
                .findFirst()
                .orElse("");
    }

    @Test
    void aDefinitionIsEstablishedAndItsObjectsAreServed() {
        assertThat(refused(() -> cluster.create(CRON_TABS, MINE)).code()).isEqualTo(404);
        Unstructured crd = define(CRON_TAB);
        assertThat(condition(crd, "NamesAccepted")).isEqualTo("True NoConflicts");
        assertThat(condition(crd, "Established")).isEqualTo("True InitialNamesAccepted");
        assertThat(crd.string("status", "acceptedNames", "singular")).isEqualTo("crontab");
        assertThat(crd.string("status", "acceptedNames", "listKind")).isEqualTo("CronTabList");
        assertThat(crd.stringList("status", "storedVersions")).containsExactly("v1");
        assertThat(cluster.admin.resources()).extracting(ApiResource::resource).contains(CRON_TABS);
        Unstructured mine = cluster.create(CRON_TABS, MINE);
        assertThat(mine.integer(0, "spec", "replicas")).isEqualTo(1);
        assertThat(mine.generation()).isEqualTo(1);
        assertThat(cluster.merge(CRON_TABS, "mine", "{spec: {replicas: 3, surplus: 1}}")
                        .object("spec"))
                .isEqualTo(yaml("{cronSpec: '* * * * */5', replicas: 3}"));
        assertThat(cluster.get(CRON_TABS, "mine").generation()).isEqualTo(2);
    }

    @Test
    void itsSchemaJudgesInUpstreamsWords() {
        define(CRON_TAB);
        StatusException e =
                refused(() -> cluster.create(CRON_TABS, MINE.replace("'* * * * */5'", "'x', replicas: 15")));
        assertThat(e.code()).isEqualTo(422);
        assertThat(e)
                .hasMessageContaining("CronTab.stable.example.com \"mine\" is invalid: ")
                .hasMessageContaining("spec.cronSpec in body should match '^(\\d+|\\*)")
                .hasMessageContaining("spec.replicas: Invalid value: 15: spec.replicas in body should be less than or"
                        + " equal to 10");
        assertThat(causes(refused(() -> cluster.create(CRON_TABS, MINE.replace("cronSpec", "cron")))))
                .containsExactly("FieldValueRequired spec.cronSpec");
    }

    @Test
    void statusAndScaleAreItsSubresources() {
        define(CRON_TAB);
        cluster.create(CRON_TABS, MINE);
        var status = Patch.merge(
                yaml("{metadata: {labels: {a: b}}, spec: {replicas: 9}, status: {replicas: 1, selector: 'a=b'}}"));
        Unstructured after = cluster.admin
                .patch(CRON_TABS, "default", "mine", status, WriteOptions.STATUS)
                .object();
        assertThat(after.integer(0, "status", "replicas")).isEqualTo(1);
        assertThat(after.integer(0, "spec", "replicas")).isEqualTo(1);
        assertThat(after.labels()).isEmpty();
        assertThat(after.generation()).isEqualTo(1);
        var five = Patch.merge(yaml("{spec: {replicas: 5}}"));
        Unstructured scale = cluster.admin
                .patch(CRON_TABS, "default", "mine", five, new WriteOptions("scale", "coracle", false, false))
                .object();
        assertThat(scale.string("status", "selector")).isEqualTo("a=b");
        assertThat(cluster.get(CRON_TABS, "mine").integer(0, "spec", "replicas"))
                .isEqualTo(5);
        assertThat(cluster.get(CRON_TABS, "mine").generation()).isEqualTo(2);
    }

    @Test
    void serverSideApplyKnowsItsFields() {
        define(CRON_TAB);
        cluster.apply(CRON_TABS, "ci", MINE);
        StatusException e = refused(() -> cluster.apply(CRON_TABS, "other", MINE.replace("*/5", "*/7")));
        assertThat(e).hasMessageContaining("conflict with \"ci\": .spec.cronSpec");
        assertThat(cluster.apply(CRON_TABS, "other", MINE.replace("*/5", "*/7"), true)
                        .string("spec", "cronSpec"))
                .endsWith("*/7");
    }

    @Test
    void severalVersionsAreTheSameObjects() {
        String two = CRON_TAB.replace("  - name: v1\n", """
                  - name: v2beta1
                    served: true
                    storage: false
                    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
                  - name: v1
                """);
        define(two);
        var older = new GroupVersionResource("stable.example.com", "v2beta1", "crontabs");
        cluster.create(CRON_TABS, MINE);
        assertThat(cluster.get(older, "mine").apiVersion()).isEqualTo("stable.example.com/v2beta1");
        assertThat(cluster.merge(older, "mine", "{spec: {replicas: 4}}").apiVersion())
                .isEqualTo("stable.example.com/v2beta1");
        assertThat(cluster.get(CRON_TABS, "mine").integer(0, "spec", "replicas"))
                .isEqualTo(4);
        assertThat(cluster.admin.list(older, "", ListOptions.ALL).items())
                .extracting(r -> r.object().apiVersion())
                .containsExactly("stable.example.com/v2beta1");
        assertThat(refused(() -> cluster.create(older, MINE)).code()).isEqualTo(400);
        // The other one is stored from now on; what was stored before is read by its name.
        Unstructured crd = cluster.admin
                .get(DEFINITIONS, "", "crontabs.stable.example.com")
                .object()
                .copy();
        crd.objects("spec", "versions").forEach(v -> v.set(v.string("name").equals("v2beta1"), "storage"));
        cluster.admin.update(DEFINITIONS, crd, WriteOptions.DEFAULT);
        settle();
        assertThat(cluster.admin.get(DEFINITIONS, "", crd.name()).object().stringList("status", "storedVersions"))
                .containsExactly("v1", "v2beta1");
        assertThat(cluster.get(older, "mine").integer(0, "spec", "replicas")).isEqualTo(4);
        assertThat(cluster.get(CRON_TABS, "mine").apiVersion()).isEqualTo("stable.example.com/v1");
    }

    private static final class Seen implements Client.WatchListener {
        final List<String> events = new ArrayList<>();

        @Override
        public void onEvent(WatchEvent event) {
            events.add(event.type() + " " + event.revision().name());
        }

        @Override
        public void onClosed(StatusException cause) {
            events.add("closed " + cause.code());
        }
    }

    @Test
    void watchesEndWhenTheDefinitionChangesAndItsNewDefaultsAreRead() {
        define(CRON_TAB);
        cluster.create(CRON_TABS, MINE);
        Seen seen = new Seen();
        try (Client.Watch watch = cluster.admin.watch(CRON_TABS, "", ListOptions.ALL, seen)) {
            Unstructured crd = cluster.admin
                    .get(DEFINITIONS, "", "crontabs.stable.example.com")
                    .object()
                    .copy();
            crd.objects("spec", "versions")
                    .getFirst()
                    .set(
                            yaml("{type: string, default: alpine}").map(),
                            "schema",
                            "openAPIV3Schema",
                            "properties",
                            "spec",
                            "properties",
                            "image");
            cluster.admin.update(DEFINITIONS, crd, WriteOptions.DEFAULT);
            settle();
            assertThat(seen.events).containsExactly("ADDED mine", "closed 410");
        }
        assertThat(cluster.get(CRON_TABS, "mine").string("spec", "image")).isEqualTo("alpine");
    }

    @Test
    void aDefinitionTakesItsObjectsWithItWhenTheirFinalizersAreDone() {
        define(CRON_TAB);
        cluster.create(CRON_TABS, MINE);
        cluster.create(CRON_TABS, MINE.replace("name: mine", "name: held, finalizers: [example.com/hold]"));
        cluster.admin.delete(DEFINITIONS, "", "crontabs.stable.example.com", DeleteOptions.DEFAULT);
        settle();
        Unstructured crd = cluster.admin
                .get(DEFINITIONS, "", "crontabs.stable.example.com")
                .object();
        assertThat(condition(crd, "Terminating")).isEqualTo("True InstanceDeletionInProgress");
        assertThat(cluster.admin.list(CRON_TABS, "", ListOptions.ALL).items())
                .extracting(Revision::name)
                .containsExactly("held");
        assertThat(refused(() -> cluster.create(CRON_TABS, MINE)).code()).isEqualTo(405);
        cluster.merge(CRON_TABS, "held", "{metadata: {finalizers: null}}");
        settle();
        assertThat(refused(() -> cluster.admin.get(DEFINITIONS, "", "crontabs.stable.example.com"))
                        .code())
                .isEqualTo(404);
        assertThat(refused(() -> cluster.admin.list(CRON_TABS, "", ListOptions.ALL))
                        .code())
                .isEqualTo(404);
        define(CRON_TAB);
        assertThat(cluster.count(CRON_TABS)).isZero();
    }

    /** Else whoever follows all kinds would begin anew with one that is about to go. */
    @Test
    void whoIsToldThatADefinitionWentFindsItsKindGone() {
        define(CRON_TAB);
        List<Boolean> served = new ArrayList<>();
        try (Client.Watch watch = cluster.admin.watch(DEFINITIONS, "", ListOptions.ALL, new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                if (event.type() == WatchEvent.Type.DELETED) {
                    served.add(cluster.admin.resources().stream()
                            .anyMatch(r -> r.resource().equals(CRON_TABS)));
                }
            }

            @Override
            public void onClosed(StatusException cause) {}
        })) {
            cluster.admin.delete(DEFINITIONS, "", "crontabs.stable.example.com", DeleteOptions.DEFAULT);
            settle();
        }
        assertThat(served).containsExactly(false);
    }

    @Test
    void aNameThatIsTakenIsNotAccepted() {
        define(CRON_TAB);
        Unstructured other = define(CRON_TAB.replace("crontabs", "tabs").replace("kind: CronTab,", "kind: Tab,"));
        assertThat(condition(other, "NamesAccepted")).isEqualTo("False ShortNamesConflict");
        assertThat(condition(other, "Established")).isEqualTo("False NotAccepted");
        cluster.admin.delete(DEFINITIONS, "", "crontabs.stable.example.com", DeleteOptions.DEFAULT);
        settle();
        assertThat(condition(
                        cluster.admin
                                .get(DEFINITIONS, "", "tabs.stable.example.com")
                                .object(),
                        "Established"))
                .isEqualTo("True InitialNamesAccepted");
    }

    @Test
    void theCommunitysGroupsAreFilledWithItsApproval() {
        String widgets = CRON_TAB.replace("stable.example.com", "widgets.k8s.io");
        assertThat(causes(refused(() -> define(widgets))))
                .containsExactly("FieldValueRequired metadata.annotations[api-approved.kubernetes.io]");
        String annotated = "name: crontabs.widgets.k8s.io, annotations: {api-approved.kubernetes.io: '%s'}}";
        for (String value : List.of("https://github.com/kubernetes/kubernetes/pull/1", "unapproved, an experiment")) {
            Unstructured made = define(widgets.replace("name: crontabs.widgets.k8s.io}", annotated.formatted(value)));
            assertThat(condition(made, "Established")).isEqualTo("True InitialNamesAccepted");
            cluster.admin.delete(DEFINITIONS, "", "crontabs.widgets.k8s.io", DeleteOptions.DEFAULT);
            settle();
        }
        assertThat(causes(refused(() ->
                        define(widgets.replace("name: crontabs.widgets.k8s.io}", annotated.formatted("please"))))))
                .containsExactly("FieldValueInvalid metadata.annotations[api-approved.kubernetes.io]");
    }

    @Test
    void aDefinitionThatMakesNoSenseIsRefused() {
        StatusException e = refused(() -> define(CRON_TAB.replace("name: crontabs.stable", "name: other.stable")));
        assertThat(e)
                .hasMessageContaining("metadata.name: Invalid value: \"other.stable.example.com\": must be"
                        + " spec.names.plural+\".\"+spec.group");
        assertThat(causes(refused(() -> define(CRON_TAB.replace("storage: true", "storage: false")))))
                .containsExactly("FieldValueInvalid spec.versions");
        define(CRON_TAB);
        Unstructured crd = cluster.admin
                .get(DEFINITIONS, "", "crontabs.stable.example.com")
                .object()
                .copy();
        crd.set("Cluster", "spec", "scope");
        assertThat(causes(refused(() -> cluster.admin.update(DEFINITIONS, crd, WriteOptions.DEFAULT))))
                .containsExactly("FieldValueInvalid spec.scope");
    }

    private List<String> told(String definition) {
        return refused(() -> define(definition)).details().objects("causes").stream()
                .map(c -> c.string("field") + ": " + c.string("message"))
                .toList();
    }

    /** What all versions have alike, be there only one, is told of where upstream's internal form holds it. */
    @Test
    void whatIsWrongInAllVersionsIsToldOnce() {
        assertThat(told(CRON_TAB.replace("default: 1}", "default: one}")))
                .containsExactly(
                        "spec.validation.openAPIV3Schema.properties[spec].properties[replicas].default: Invalid"
                                + " value: \"string\":  in body must be of type integer: \"string\"");
        assertThat(told(CRON_TAB.replace("labelSelectorPath: .status.selector", "labelSelectorPath: .metadata.labels")))
                .containsExactly(
                        "spec.subresources.scale.labelSelectorPath: Invalid value: \".metadata.labels\": should"
                                + " be a json path under either .spec or .status");
        assertThat(told(CRON_TAB.replace("jsonPath: .spec.cronSpec", "jsonPath: spec.cronSpec")))
                .containsExactly(
                        "spec.additionalPrinterColumns[0].JSONPath: Invalid value: \"spec.cronSpec\": must be a"
                                + " simple json path starting with .");
        String two = CRON_TAB.replace("  - name: v1\n", """
                  - name: v2
                    served: true
                    storage: false
                    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: objekt}}}}
                  - name: v1
                """);
        assertThat(told(two))
                .singleElement()
                .asString()
                .startsWith("spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Unsupported value:");
    }

    @Test
    void whatCannotBeSaidOfADefinitionIsRefused() {
        String root = "openAPIV3Schema:\n";
        assertThat(told(CRON_TAB.replace(root, root + "        oneOf: [{required: [spec]}]\n")))
                .singleElement()
                .asString()
                .startsWith("spec.validation.openAPIV3Schema: Invalid value: ")
                .endsWith("fields are allowed at the root of the schema if the status subresource is enabled");
        assertThat(told(CRON_TAB.replace("shortNames: [ct]", "shortNames: [1ct]")))
                .singleElement()
                .asString()
                .startsWith("spec.names.shortNames[0]: Invalid value: \"1ct\": a DNS-1035 label must");
        assertThat(told(CRON_TAB.replace(
                        "kind: CronTab,", "kind: Cron.Tab, singular: crontab, listKind: CronTabList,")))
                .singleElement()
                .asString()
                .startsWith("spec.names.kind: Invalid value: \"Cron.Tab\": may have mixed case, but should otherwise"
                        + " match: a DNS-1035 label must");
        assertThat(told(CRON_TAB.replace("scope: Namespaced", "scope: Namespaced\n  preserveUnknownFields: true")))
                .containsExactly("spec.preserveUnknownFields: Invalid value: true: cannot set to true, set"
                        + " x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        assertThat(told(CRON_TAB.replace("served: true", "served: true\n    deprecationWarning: old")))
                .containsExactly("spec.versions[0].deprecationWarning: Invalid value: \"old\": can only be set for"
                        + " deprecated versions");
        assertThat(told(CRON_TAB.replace(
                        "scope: Namespaced", "scope: Namespaced\n  conversion: {strategy: Webhook, webhook: {}}")))
                .containsExactly(
                        "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook",
                        "spec.conversion.conversionReviewVersions: Required value");
    }

    @Test
    void objectsAreSelectedByScalarsOfTheirSchema() {
        String fields = "    subresources:\n";
        String selectable = "    selectableFields: [%s]\n" + fields;
        String wrong = "{jsonPath: .spec}, {jsonPath: .spec.cron}, {jsonPath: 'spec.cronSpec'}, {jsonPath: '.spec[a]'},"
                + " {jsonPath: .spec.}, {jsonPath: ''}, {jsonPath: .spec.replicas}, {jsonPath: .spec.replicas}";
        assertThat(told(CRON_TAB.replace(fields, selectable.formatted(wrong))))
                .containsExactly(
                        "spec.selectableFields[0].jsonPath: Invalid value: \".spec\": must point to a field of type"
                                + " string, boolean or integer. Enum string fields and strings with formats are allowed.",
                        "spec.selectableFields[1].jsonPath: Invalid value: \".spec.cron\": is an invalid path: does not"
                                + " refer to a valid field",
                        "spec.selectableFields[2].jsonPath: Invalid value: \"spec.cronSpec\": is an invalid path:"
                                + " expected [ or . but got: spec",
                        "spec.selectableFields[3].jsonPath: Invalid value: \".spec[a]\": is an invalid path: array"
                                + " notation is not allowed",
                        "spec.selectableFields[4].jsonPath: Invalid value: \".spec.\": is an invalid path: unexpected"
                                + " end of JSON path",
                        "spec.selectableFields[5].jsonPath: Required value",
                        "spec.selectableFields[7].jsonPath: Duplicate value: \".spec.replicas\"");
        define(CRON_TAB.replace(fields, selectable.formatted("{jsonPath: .spec.replicas}")));
        cluster.create(CRON_TABS, MINE);
        assertThat(refused(() -> cluster.admin.list(CRON_TABS, "", ListOptions.fields("spec.cronSpec=x"))))
                .hasMessage("field label not supported: spec.cronSpec");
    }

    /** Argo CD's Application is such a kind: its controller writes the status with the rest. */
    @Test
    void aStatusWithoutASubresourceIsAFieldLikeAnyOther() {
        define(CRON_TAB.replaceAll("    subresources:\n.*\n.*\n", ""));
        String told = MINE.trim().replaceFirst("}$", ", status: {replicas: 2}}");
        assertThat(cluster.apply(CRON_TABS, "controller", told).integer(0, "status", "replicas"))
                .isEqualTo(2);
        assertThat(refused(() -> cluster.apply(CRON_TABS, "other", told.replace("replicas: 2", "replicas: 3"))))
                .hasMessageContaining("conflict with \"controller\": .status.replicas");
        assertThat(cluster.apply(CRON_TABS, "controller", MINE).has("status")).isFalse();
    }
}
