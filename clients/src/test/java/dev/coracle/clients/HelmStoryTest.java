package dev.coracle.clients;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.Release;
import com.marcnuri.helm.ReleaseHistory;
import com.marcnuri.helm.UpgradeCommand;
import dev.coracle.e2e.harness.Coracle;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Helm, as a library, installs a chart (below {@code resources/helm}) with a definition, hooks, what looks at the cluster, and a
 * test; changes it, fails and goes back, and takes it away.
 */
@ExtendWith(SharedCluster.class)
class HelmStoryTest {
    private static final String NAMESPACE = "helm";
    private static final int PATIENCE = 60;

    private static Path kubeconfig;
    private static KubernetesClient client;

    /** What happened to ConfigMaps since it was last asked, by a watch. */
    private static final BlockingQueue<String> HAPPENED = new LinkedBlockingQueue<>();

    @BeforeAll
    static void open(Coracle coracle) {
        kubeconfig = coracle.paths().kubeconfig();
        Config config = Config.fromKubeconfig(kubeconfig.toFile());
        config.setNamespace(NAMESPACE);
        client = new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new JdkHttpClientFactory())
                .build();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("seed")
                        .endMetadata()
                        .addToData("seed", "planted")
                        .build())
                .create();
        client.configMaps().watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, ConfigMap map) {
                if (map.getMetadata().getName().startsWith("web")) {
                    HAPPENED.add(action + " " + map.getMetadata().getName());
                }
            }

            @Override
            public void onClose(WatcherException cause) {
                HAPPENED.add("closed: " + cause.getMessage());
            }
        });
    }

    @AfterAll
    static void close() {
        client.namespaces().withName(NAMESPACE).delete();
        client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName("widgets.charts.example.com")
                .delete();
        client.close();
    }

    private static InstallCommand install(Helm chart) {
        return chart.install()
                .withName("web")
                .withNamespace(NAMESPACE)
                .withKubeConfig(kubeconfig)
                .waitReady()
                .withTimeout(PATIENCE);
    }

    private static UpgradeCommand upgrade(Helm chart) {
        return chart.upgrade()
                .withName("web")
                .withNamespace(NAMESPACE)
                .withKubeConfig(kubeconfig)
                .waitReady()
                .withTimeout(PATIENCE);
    }

    private static GenericKubernetesResource widget() {
        return client.genericKubernetesResources("charts.example.com/v1", "Widget")
                .withName("web")
                .get();
    }

    private static ConfigMap map(String name) {
        return client.configMaps().withName(name).get();
    }

    /** As the last that may have happened, something of the test's own is. */
    private static List<String> happened() throws InterruptedException {
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("web-asks")
                        .endMetadata()
                        .build())
                .create();
        client.configMaps().withName("web-asks").delete();
        List<String> all = new ArrayList<>();
        for (String next = ""; !next.equals("DELETED web-asks"); all.add(next)) {
            next = requireNonNull(HAPPENED.poll(PATIENCE, TimeUnit.SECONDS), () -> "only " + all);
        }
        return all.subList(0, all.size() - 2);
    }

    private static List<String> releases() {
        return client.secrets().withLabel("owner", "helm").list().getItems().stream()
                .map(s -> s.getMetadata().getName() + " "
                        + s.getMetadata().getLabels().get("status") + " " + s.getType())
                .toList();
    }

    private static void shows(String title) {
        assertThat(map("web").getData()).containsEntry("index.html", title);
        assertThat(client.apps().deployments().withName("web").get().getStatus().getReadyReplicas())
                .isPositive();
        // Fails unless its pod succeeds.
        Helm.test("web")
                .withNamespace(NAMESPACE)
                .withKubeConfig(kubeconfig)
                .withTimeout(PATIENCE)
                .call();
        assertThat(client.pods().withName("web-shows").get().getStatus().getPhase())
                .isEqualTo("Succeeded");
    }

    @Test
    void aChartIsInstalledChangedAndTakenAway() throws Exception {
        Helm chart = new Helm(Path.of(
                requireNonNull(HelmStoryTest.class.getResource("/helm/web")).toURI()));
        var linted = chart.lint().call();
        assertThat(linted.isFailed()).as("%s", linted.getMessages()).isFalse();

        Release installed = install(chart).call();
        assertThat(installed.getStatus()).isEqualTo("deployed");
        assertThat(installed.getAppVersion()).isEqualTo("7");
        assertThat(happened())
                .containsExactly(
                        "ADDED web-pre-install",
                        "DELETED web-pre-install",
                        "ADDED web",
                        "ADDED web-post-install",
                        "ADDED web-announcement",
                        "DELETED web-post-install");
        Job prepared = client.batch().v1().jobs().withName("web-prepare").get();
        assertThat(prepared.getStatus().getSucceeded()).isEqualTo(1);
        assertThat(map("web").getData())
                .containsEntry("seed", "planted")
                .containsEntry("version", "36")
                .containsEntry("knows", "true");
        assertThat(map("web").getMetadata().getLabels()).containsEntry("app.kubernetes.io/managed-by", "Helm");
        assertThat(map("web-announcement").getData()).containsEntry("revision", "1");
        assertThat(widget()).extracting("additionalProperties").asString().contains("size=3");
        assertThat(releases()).containsExactly("sh.helm.release.v1.web.v1 deployed helm.sh/release.v1");
        shows("Hello");
        assertThatThrownBy(() -> install(chart).call())
                .hasMessageContaining("cannot re-use a name that is still in use");

        // What the server would make of it is asked, and is not made.
        Release tried = upgrade(chart)
                .set("title", "Only tried")
                .set("extra", true)
                .withDryRunOption(DryRun.SERVER)
                .call();
        assertThat(tried.getStatus()).isEqualTo("pending-upgrade");
        assertThat(happened()).isEmpty();
        assertThat(releases()).hasSize(1);

        Release changed =
                upgrade(chart).set("title", "Hello again").set("extra", true).call();
        assertThat(changed.getRevision()).isEqualTo("2");
        assertThat(happened())
                .containsExactly(
                        "ADDED web-pre-upgrade",
                        "DELETED web-pre-upgrade",
                        "ADDED web-extra",
                        "MODIFIED web",
                        "ADDED web-post-upgrade",
                        "DELETED web-post-upgrade");
        assertThat(client.batch()
                        .v1()
                        .jobs()
                        .withName("web-prepare")
                        .get()
                        .getMetadata()
                        .getUid())
                .isNotEqualTo(prepared.getMetadata().getUid());
        shows("Hello again");

        // The hook that comes last fails: all becomes again what it was, by a rollback.
        assertThatThrownBy(() -> upgrade(chart)
                        .set("title", "Never to stay")
                        .set("code", 3)
                        .atomic()
                        .call())
                .hasMessageContaining("has been rolled back due to atomic being set")
                .hasMessageContaining("BackoffLimitExceeded");
        assertThat(happened())
                .containsExactly(
                        "ADDED web-pre-upgrade",
                        "DELETED web-pre-upgrade",
                        "MODIFIED web",
                        "DELETED web-extra",
                        "ADDED web-post-upgrade",
                        "DELETED web-post-upgrade",
                        "ADDED web-pre-rollback",
                        "DELETED web-pre-rollback",
                        "ADDED web-extra",
                        "MODIFIED web",
                        "ADDED web-post-rollback",
                        "DELETED web-announcement",
                        "ADDED web-announcement",
                        "DELETED web-post-rollback");
        shows("Hello again");
        assertThat(releases())
                .containsExactly(
                        "sh.helm.release.v1.web.v1 superseded helm.sh/release.v1",
                        "sh.helm.release.v1.web.v2 superseded helm.sh/release.v1",
                        "sh.helm.release.v1.web.v3 failed helm.sh/release.v1",
                        "sh.helm.release.v1.web.v4 deployed helm.sh/release.v1");
        assertThat(Helm.history("web")
                        .withNamespace(NAMESPACE)
                        .withKubeConfig(kubeconfig)
                        .call())
                .extracting(ReleaseHistory::getDescription)
                .last()
                .isEqualTo("Rollback to 2");

        assertThat(Helm.uninstall("web")
                        .withNamespace(NAMESPACE)
                        .withKubeConfig(kubeconfig)
                        .call())
                .contains("release \"web\" uninstalled");
        // What is of one kind goes at once, in any order.
        List<String> gone = happened();
        assertThat(gone)
                .startsWith("ADDED web-pre-delete", "DELETED web-pre-delete")
                .endsWith("ADDED web-post-delete", "DELETED web-post-delete");
        assertThat(gone.subList(2, gone.size() - 2)).containsExactlyInAnyOrder("DELETED web-extra", "DELETED web");
        assertThat(releases()).isEmpty();
        assertThat(client.apps().deployments().withName("web").get()).isNull();
        assertThat(client.services().withName("web").get()).isNull();
        assertThat(widget()).isNull();
        // Helm leaves alone what its hooks made, and definitions.
        assertThat(map("web-announcement")).isNotNull();
        assertThat(client.batch().v1().jobs().withName("web-prepare").get()).isNotNull();
        assertThat(client.apiextensions()
                        .v1()
                        .customResourceDefinitions()
                        .withName("widgets.charts.example.com")
                        .get())
                .isNotNull();
    }
}
