package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.causes;
import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.apiserver.Cluster.yaml;
import static dev.coracle.machinery.object.Resources.CONFIG_MAPS;
import static dev.coracle.machinery.object.Resources.DEPLOYMENTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several managers state what they want of one object. */
class ApplyStoryTest {
    private static final String WEB = """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: web
              labels: {team: shop}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  containers:
                  - {name: web, image: 'web:v1', env: [{name: A, value: '1'}]}
            """;

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private static List<String> managers(Unstructured o) {
        return o.objects("metadata", "managedFields").stream()
                .map(m -> m.string("operation") + " " + m.string("manager")
                        + (m.has("subresource") ? "/" + m.string("subresource") : ""))
                .toList();
    }

    @Test
    void theFirstApplyMakesTheObjectWithDefaultsThatNobodyOwns() {
        Unstructured made = cluster.apply(DEPLOYMENTS, "ci", WEB);
        assertThat(made.generation()).isEqualTo(1);
        assertThat(made.uid()).isNotEmpty();
        assertThat(made.integer(0, "spec", "revisionHistoryLimit")).isEqualTo(10);
        assertThat(managers(made)).containsExactly("Apply ci");
        Unstructured fields =
                made.objects("metadata", "managedFields").getFirst().object("fieldsV1");
        assertThat(fields.has("f:spec", "f:replicas")).isTrue();
        assertThat(fields.has("f:spec", "f:revisionHistoryLimit")).isFalse();
        assertThat(fields.has("f:metadata", "f:name")).isFalse();
        assertThat(cluster.count(DEPLOYMENTS)).isEqualTo(1);
    }

    @Test
    void applyingTheSameAgainWritesNothing() {
        Unstructured made = cluster.apply(DEPLOYMENTS, "ci", WEB);
        cluster.world.advance(Duration.ofMinutes(5));
        assertThat(cluster.apply(DEPLOYMENTS, "ci", WEB)).isEqualTo(made);
    }

    @Test
    void whatAnotherManagerSetIsAConflictUntilForced() {
        cluster.apply(DEPLOYMENTS, "ci", WEB);
        StatusException e = refused(() -> cluster.apply(DEPLOYMENTS, "autoscaler", """
                {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 5}}
                """));
        assertThat(e.code()).isEqualTo(409);
        assertThat(e.reason()).isEqualTo("Conflict");
        assertThat(e).hasMessage("Apply failed with 1 conflict: conflict with \"ci\": .spec.replicas");
        assertThat(causes(e)).containsExactly("FieldManagerConflict .spec.replicas");
        assertThat(cluster.get(DEPLOYMENTS, "web").integer(0, "spec", "replicas"))
                .isEqualTo(2);

        Unstructured forced = cluster.apply(DEPLOYMENTS, "autoscaler", """
                {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 5}}
                """, true);
        assertThat(forced.integer(0, "spec", "replicas")).isEqualTo(5);
        assertThat(forced.generation()).isEqualTo(2);
        // Now ci is the one who would overrule.
        assertThat(refused(() -> cluster.apply(DEPLOYMENTS, "ci", WEB)))
                .hasMessage("Apply failed with 1 conflict: conflict with \"autoscaler\": .spec.replicas");
    }

    @Test
    void anEmptyMapTakesNothingAwayAndIsNoConflict() {
        cluster.apply(DEPLOYMENTS, "ci", WEB);
        String hollow = WEB.replace("labels: {team: shop}", "labels: {}").replace("  replicas: 2", "  strategy: {}");
        Unstructured both = cluster.apply(DEPLOYMENTS, "other", hollow);
        assertThat(both.labels()).containsEntry("team", "shop");
        assertThat(both.string("spec", "strategy", "type")).isEqualTo("RollingUpdate");
        assertThat(managers(both)).containsExactly("Apply ci", "Apply other");
    }

    @Test
    void aFieldThatItsOnlyOwnerDropsGoesAndASharedOneStays() {
        cluster.apply(DEPLOYMENTS, "ci", WEB);
        cluster.apply(DEPLOYMENTS, "shop", """
                {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, labels: {team: shop}}}
                """);
        Unstructured less = cluster.apply(
                DEPLOYMENTS,
                "ci",
                WEB.replace("labels: {team: shop}", "labels: {tier: front}")
                        .replace(", env: [{name: A, value: '1'}]", ""));
        assertThat(less.labels()).containsOnlyKeys("team", "tier");
        assertThat(less.objects("spec", "template", "spec", "containers")
                        .getFirst()
                        .has("env"))
                .isFalse();
    }

    @Test
    void anUpdateTakesTheFieldsItChanges() {
        cluster.apply(DEPLOYMENTS, "ci", WEB);
        Unstructured edited = cluster.get(DEPLOYMENTS, "web").copy().set(7, "spec", "replicas");
        Unstructured now = cluster.admin
                .update(DEPLOYMENTS, edited, new WriteOptions("", "kubectl-edit", false, false))
                .object();
        assertThat(managers(now)).containsExactly("Apply ci", "Update kubectl-edit");
        assertThat(refused(() -> cluster.apply(DEPLOYMENTS, "ci", WEB)))
                .hasMessage("Apply failed with 1 conflict: conflict with \"kubectl-edit\" using apps/v1:"
                        + " .spec.replicas");
    }

    @Test
    void theStatusHasOwnersOfItsOwn() {
        cluster.apply(DEPLOYMENTS, "ci", WEB);
        var patch = Patch.merge(yaml("{status: {replicas: 2}, spec: {replicas: 99}}"));
        Unstructured now = cluster.admin
                .patch(DEPLOYMENTS, "default", "web", patch, new WriteOptions("status", "controller", false, false))
                .object();
        assertThat(managers(now)).containsExactly("Apply ci", "Update controller/status");
        assertThat(now.integer(0, "spec", "replicas")).isEqualTo(2);
        assertThat(now.generation()).isEqualTo(1);
        assertThat(cluster.apply(DEPLOYMENTS, "ci", WEB).integer(0, "status", "replicas"))
                .isEqualTo(2);
    }

    @Test
    void scalingIsRecordedUnderItsSubresource() {
        cluster.apply(DEPLOYMENTS, "ci", WEB);
        Unstructured scale = cluster.admin
                .patch(
                        DEPLOYMENTS,
                        "default",
                        "web",
                        Patch.merge(yaml("{spec: {replicas: 4}}")),
                        new WriteOptions("scale", "kubectl", false, false))
                .object();
        assertThat(scale.kind()).isEqualTo("Scale");
        assertThat(scale.string("status", "selector")).isEqualTo("app=web");
        Unstructured now = cluster.get(DEPLOYMENTS, "web");
        assertThat(now.integer(0, "spec", "replicas")).isEqualTo(4);
        assertThat(managers(now)).containsExactly("Apply ci", "Update kubectl/scale");
    }

    @Test
    void anEmptyListOfManagedFieldsIsACleanSlate() {
        cluster.apply(DEPLOYMENTS, "ci", WEB);
        cluster.merge(DEPLOYMENTS, "web", "{metadata: {managedFields: [{}], labels: {a: b}}}");
        assertThat(cluster.get(DEPLOYMENTS, "web").has("metadata", "managedFields"))
                .isFalse();
        Unstructured again = cluster.apply(DEPLOYMENTS, "ci", WEB);
        assertThat(managers(again)).containsExactly("Apply ci", "Update before-first-apply");
    }

    @Test
    void anApplyNeedsAName() {
        StatusException e = refused(() -> cluster.apply(DEPLOYMENTS, "", WEB));
        assertThat(e.code()).isEqualTo(422);
        assertThat(e)
                .hasMessage("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for"
                        + " apply patch");
        assertThat(cluster.count(DEPLOYMENTS)).isZero();
    }

    @Test
    void anApplyMustNotClaimToHaveSeenAnObjectThatIsNotThere() {
        String cm = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, %s}}";
        assertThat(refused(() -> cluster.apply(CONFIG_MAPS, "ci", cm.formatted("uid: x"))))
                .hasMessage("Operation cannot be fulfilled on configmaps \"a\": uid mismatch: the provided object"
                        + " specified uid x, and no existing object was found");
        assertThat(cluster.count(CONFIG_MAPS)).isZero();
    }

    /** So the Java Operator SDK makes what it has not seen, and no more than that. */
    @Test
    void anApplyOfAVersionThatIsNotMakesOnlyWhatIsNotThere() {
        String cm = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, resourceVersion: '1'}}";
        assertThat(cluster.apply(CONFIG_MAPS, "ci", cm).resourceVersion()).isNotEqualTo("1");
        assertThat(refused(() -> cluster.apply(CONFIG_MAPS, "ci", cm)).code()).isEqualTo(409);
    }

    @Test
    void whatIsNoYamlIsABadRequest() {
        var patch = new Patch(Patch.Type.APPLY, "{a: [".getBytes(StandardCharsets.UTF_8));
        StatusException e = refused(() ->
                cluster.admin.patch(CONFIG_MAPS, "default", "a", patch, new WriteOptions("", "ci", false, false)));
        assertThat(e.code()).isEqualTo(400);
    }

    @Test
    void aBigMapIsTrackedInTimeThatGrowsWithItsSize() {
        StringBuilder data = new StringBuilder("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata:\n");
        for (int i = 0; i < 20_000; i++) {
            data.append("  k").append(i).append(": v\n");
        }
        cluster.apply(CONFIG_MAPS, "ci", data.toString());
        // With quadratic work this would take minutes.
        Unstructured now = cluster.merge(CONFIG_MAPS, "big", "{data: {k7: other}}");
        assertThat(managers(now)).containsExactly("Apply ci", "Update coracle");
    }
}
