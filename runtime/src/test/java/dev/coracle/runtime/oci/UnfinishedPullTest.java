package dev.coracle.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.os.Processes;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.oci.build.ImageBuilder;
import dev.coracle.runtime.oci.build.Layer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls that others disturb, or that end in the middle. */
class UnfinishedPullTest {
    @TempDir
    Path dir;

    private final SystemEnvironment environment = new SystemEnvironment((name, e) -> e.printStackTrace());
    private FakeRegistry registry;
    private OciImageStore store;
    private String second;

    @BeforeEach
    void open() throws IOException {
        assumeTrue(Processes.uid() == 0, "unpacking layers needs root");
        registry = new FakeRegistry();
        store = new OciImageStore(dir.resolve("images"), environment.environment());
        Path archive = dir.resolve("other.tar");
        new ImageBuilder("other:v1").layer(new Layer().text("/other", "x")).writeTo(archive);
        store.loadImage(archive);

        // An image of two layers, the second of which is the first with other bytes around it.
        byte[] plain = FakeRegistry.tar();
        second = "/v2/app/blobs/" + Digests.of(plain);
        registry.content.put(second, plain);
        byte[] config = Json.bytes(Map.of("rootfs", Map.of("diff_ids", List.of(Digests.of(plain), Digests.of(plain)))));
        registry.content.put("/v2/app/blobs/" + Digests.of(config), config);
        registry.content.put(
                "/v2/app/manifests/v2",
                Json.bytes(Map.of(
                        "config",
                        Map.of("digest", Digests.of(config)),
                        "layers",
                        List.of(
                                Map.of("digest", Digests.of(registry.layer), "size", registry.layer.length),
                                Map.of("digest", Digests.of(plain), "size", plain.length)))));
    }

    @AfterEach
    void close() {
        if (store != null) {
            store.close();
            registry.close();
            assertThat(dir.resolve("images/leases")).isEmptyDirectory();
            assertThat(dir.resolve("images/unfinished")).isEmptyDirectory();
        }
        environment.close();
    }

    private boolean atSecondLayer(HttpExchange exchange, String path, Runnable meanwhile) {
        if (path.equals(second)) {
            meanwhile.run();
        }
        return false;
    }

    @Test
    void an_image_that_is_removed_takes_no_layer_of_a_running_pull_along() {
        registry.trick = (exchange, path) -> atSecondLayer(exchange, path, () -> {
            assertThat(dir.resolve("images/layers")).isNotEmptyDirectory();
            store.removeImage("other:v1");
        });
        store.pullImage(registry.host() + "/app:v2", List.of());
        var pulled = store.stored(registry.host() + "/app:v2");
        assertThat(pulled.chain()).hasSize(2).allMatch(store.layers()::has);
        assertThat(store.imageStatus("other:v1")).isEmpty();
    }

    @Test
    void nor_does_another_store_that_is_opened_meanwhile() {
        registry.trick = (exchange, path) -> atSecondLayer(
                exchange, path, () -> new OciImageStore(dir.resolve("images"), environment.environment()).close());
        store.pullImage(registry.host() + "/app:v2", List.of());
        assertThat(store.stored(registry.host() + "/app:v2").chain()).allMatch(store.layers()::has);
    }

    @Test
    void what_a_killed_process_left_of_its_pull_goes_at_the_next_start() throws IOException {
        registry.content.remove(second);
        assertThatThrownBy(() -> store.pullImage(registry.host() + "/app:v2", List.of()))
                .isInstanceOf(CriException.class);
        assertThat(Containers.names(dir.resolve("images/layers"))).hasSize(2);
        // Its process id may be another's by now, as this process's is not the one that began at tick 1.
        long pid = ProcessHandle.current().pid();
        for (String dead : List.of(pid + "-1-abcdefgh", "999999999-5-abcdefgh", "no-name", "x")) {
            Files.createDirectories(dir.resolve("images/unfinished/" + dead + "/upper"));
            Files.writeString(dir.resolve("images/leases/" + dead), "[]");
        }
        Files.writeString(dir.resolve("images/blobs/sha256/123.next"), "half");
        store.close();

        store = new OciImageStore(dir.resolve("images"), environment.environment());
        assertThat(Containers.names(dir.resolve("images/layers"))).hasSize(1);
        assertThat(Containers.names(dir.resolve("images/blobs/sha256"))).hasSize(1);
        assertThat(store.stored("other:v1").chain()).allMatch(store.layers()::has);
    }

    @Test
    void a_damaged_configuration_costs_its_image_and_a_damaged_index_all_but_the_start() throws IOException {
        store.pullImage(registry.host() + "/app:v1", List.of());
        String id = store.imageStatus("other:v1").orElseThrow().id();
        Files.writeString(dir.resolve("images/blobs/sha256/" + id.substring(7)), "{\"rootfs\":{\"diff_ids\":[\"x\"]}}");
        store.close();
        store = new OciImageStore(dir.resolve("images"), environment.environment());
        assertThat(store.imageStatus("other:v1")).isEmpty();
        assertThat(store.imageStatus(registry.host() + "/app:v1")).isPresent();
        store.close();

        for (String damage : List.of("", "[{\"id\":", "{}", "[7,{\"id\":\"x\"}]")) {
            Files.writeString(dir.resolve("images/index.json"), damage);
            store = new OciImageStore(dir.resolve("images"), environment.environment());
            assertThat(store.listImages()).isEmpty();
            store.pullImage(registry.host() + "/app:v1", List.of());
            assertThat(store.stored(registry.host() + "/app:v1").chain()).allMatch(store.layers()::has);
            store.close();
        }
    }
}
