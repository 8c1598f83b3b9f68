package dev.coracle.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ApplyTest {
    private final SystemEnvironment environment = new SystemEnvironment((name, e) -> e.printStackTrace());
    private final ApiServer server = ApiServer.inMemory(environment.environment());
    private final Client client = server.client(UserInfo.ADMIN);
    private final Apply apply = new Apply(client, "test");

    @AfterEach
    void close() {
        server.close();
        environment.close();
    }

    private static Unstructured config(String level) {
        return Unstructured.of("v1", "ConfigMap", "default", "settings").set(Map.of("LOG_LEVEL", level), "data");
    }

    @Test
    void aSecondTimeItChangesWhatTheManifestTellsAndLeavesTheRest() {
        apply.apply(Unstructured.of("v1", "Namespace", "", "default"));
        apply.apply(config("info"));
        client.patch(
                Resources.CONFIG_MAPS,
                "default",
                "settings",
                Patch.merge(Unstructured.parse("{\"data\":{\"MINE\":\"kept\"}}")),
                WriteOptions.DEFAULT);
        apply.apply(config("debug"));
        assertThat(client.get(Resources.CONFIG_MAPS, "default", "settings")
                        .object()
                        .strings("data"))
                .containsExactlyInAnyOrderEntriesOf(Map.of("LOG_LEVEL", "debug", "MINE", "kept"));
    }

    @Test
    void aRefusalNamesTheObject() {
        apply.apply(Unstructured.of("v1", "Namespace", "", "default"));
        assertThatThrownBy(() -> apply.apply(config("x").set("Not Allowed", "metadata", "name")))
                .hasMessageStartingWith("cannot apply ConfigMap Not Allowed: ");
        assertThatThrownBy(() -> apply.apply(Unstructured.of("v1", "Pod", "default", "p")))
                .hasMessage("the demo cannot apply a Pod: p");
    }
}
