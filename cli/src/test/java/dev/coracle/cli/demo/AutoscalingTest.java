package dev.coracle.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.ApiResource;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** FlowForge's autoscaler and its hours, as a server takes them. */
class AutoscalingTest {
    private static final String NAMESPACE = "flowforge";
    private static final String NAME = "api-service";

    private final ApiServer server = ApiServer.inMemory(new VirtualEnvironment(1).environment());
    private final Client admin = server.client(UserInfo.ADMIN);

    @BeforeEach
    void apply() throws IOException {
        admin.create(
                Resources.NAMESPACES,
                "",
                Unstructured.of("v1", "Namespace").set(NAMESPACE, "metadata", "name"),
                WriteOptions.DEFAULT);
        for (Unstructured o : Kustomization.read(Path.of("../flowforge/deploy/local/autoscaling"))) {
            admin.create(resource(o), NAMESPACE, o, WriteOptions.DEFAULT);
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    private GroupVersionResource resource(Unstructured o) {
        return admin.resources().stream()
                .filter(r ->
                        r.kind().equals(o.kind()) && r.resource().apiVersion().equals(o.apiVersion()))
                .map(ApiResource::resource)
                .findFirst()
                .orElseThrow(() -> new AssertionError("the server has no " + o.kind()));
    }

    private Unstructured autoscaler() {
        return admin.get(Resources.HORIZONTAL_POD_AUTOSCALERS, NAMESPACE, NAME).object();
    }

    private Unstructured template(String hours) {
        return admin.get(new GroupVersionResource("batch", "v1", "cronjobs"), NAMESPACE, NAME + "-" + hours)
                .object()
                .object("spec", "jobTemplate", "spec", "template");
    }

    /** As the job does, with the rights of its account. */
    private void strike(String hours) {
        Unstructured spec = template(hours).object("spec");
        String limits = spec.objects("containers").getFirst().objects("env").stream()
                .filter(e -> e.string("name").equals("LIMITS"))
                .findFirst()
                .orElseThrow()
                .string("value");
        account(spec.string("serviceAccountName"))
                .patch(
                        Resources.HORIZONTAL_POD_AUTOSCALERS,
                        NAMESPACE,
                        NAME,
                        new Patch(Patch.Type.MERGE, limits.getBytes(StandardCharsets.UTF_8)),
                        WriteOptions.DEFAULT);
    }

    private Client account(String name) {
        return server.client(new UserInfo(
                "system:serviceaccount:" + NAMESPACE + ":" + name,
                Set.of("system:serviceaccounts", "system:serviceaccounts:" + NAMESPACE, "system:authenticated")));
    }

    @Test
    void tenByDayAndTwoByNight() {
        assertThat(autoscaler().integer(0, "spec", "minReplicas")).isEqualTo(2);
        assertThat(autoscaler().integer(0, "spec", "maxReplicas")).isEqualTo(10);
        strike("evening");
        assertThat(autoscaler().integer(0, "spec", "minReplicas")).isEqualTo(2);
        assertThat(autoscaler().integer(0, "spec", "maxReplicas")).isEqualTo(2);
        strike("morning");
        assertThat(autoscaler().integer(0, "spec", "maxReplicas")).isEqualTo(10);
    }

    @Test
    void whoMovesTheLimitsMayNothingElse() {
        Client account = account("api-service-hours");
        assertThatThrownBy(() -> account.get(Resources.HORIZONTAL_POD_AUTOSCALERS, NAMESPACE, NAME))
                .hasMessageContaining("forbidden");
        assertThatThrownBy(() ->
                        account.delete(Resources.HORIZONTAL_POD_AUTOSCALERS, NAMESPACE, NAME, DeleteOptions.DEFAULT))
                .hasMessageContaining("forbidden");
        Patch none = Patch.merge(Unstructured.parse("{}"));
        assertThatThrownBy(() -> account.patch(
                        Resources.HORIZONTAL_POD_AUTOSCALERS, NAMESPACE, "other", none, WriteOptions.DEFAULT))
                .hasMessageContaining("forbidden");
        assertThatThrownBy(() ->
                        account.patch(Resources.HORIZONTAL_POD_AUTOSCALERS, NAMESPACE, NAME, none, WriteOptions.STATUS))
                .hasMessageContaining("forbidden");
        assertThatThrownBy(() -> account.patch(Resources.DEPLOYMENTS, NAMESPACE, NAME, none, WriteOptions.DEFAULT))
                .hasMessageContaining("forbidden");
    }
}
