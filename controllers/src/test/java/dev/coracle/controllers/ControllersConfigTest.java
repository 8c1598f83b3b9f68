package dev.coracle.controllers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which controllers run. */
class ControllersConfigTest {
    private static List<String> running(String... selection) throws Exception {
        try (World world = new World(Path.of("unused"))) {
            var c = world.context();
            try (var all = new Controllers(
                    c.client(), c.informers(), c.environment(), c.config().controllers(Arrays.asList(selection)))) {
                all.start();
                return all.metrics().stream().map(m -> m.name()).toList();
            }
        }
    }

    @Test
    void aStarMeansAllAndAMinusAllBut() throws Exception {
        List<String> all = running("*");
        assertThat(all).contains("deployment", "replicaset", "garbage").doesNotHaveDuplicates();
        assertThat(running("*", "-deployment-controller"))
                .hasSize(all.size() - 1)
                .doesNotContain("deployment");
        assertThat(running("replicaset-controller", "namespace")).containsExactly("replicaset", "namespace");
        assertThat(running("-deployment-controller")).isEmpty();
        assertThat(running("deployment-controller", "-deployment-controller", "*"))
                .hasSize(all.size());
    }

    @Test
    void anAddOnRunsWhenItIsAskedForAndNotLeftOut() throws Exception {
        assertThat(running("*")).doesNotContain("sealed_secrets");
        assertThat(running("*")).doesNotContain("external_secrets", "secret_stores");
        assertThat(running("sealed-secrets-controller")).isEmpty();
        assertThat(running("external-secrets-controller")).isEmpty();
        try (World world = new World(Path.of("unused"), Addon.of(List.of("sealed-secrets", "")), "127.0.0.1")) {
            var c = world.context();
            for (boolean out : new boolean[] {false, true}) {
                var config = c.config().controllers(out ? List.of("*", "-sealed-secrets-controller") : List.of("*"));
                try (var all = new Controllers(c.client(), c.informers(), c.environment(), config)) {
                    all.start();
                    assertThat(all.metrics().stream().anyMatch(m -> m.name().equals("sealed_secrets")))
                            .isEqualTo(!out);
                }
            }
        }
        assertThatThrownBy(() -> Addon.of(List.of("sealed-secret")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no add-on \"sealed-secret\"; known: sealed-secrets, external-secrets");
    }

    @Test
    void oneThatThereIsNotIsRefusedWithThoseThatThereAre() {
        assertThatThrownBy(() -> running("*", "-deploymnt-controller"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("\"deploymnt-controller\" is not in the list of known controllers: ")
                .hasMessageContaining(", deployment-controller, ")
                .hasMessageContaining("replicaset-controller");
        assertThat(Controllers.names()).isSorted().doesNotHaveDuplicates();
    }
}
