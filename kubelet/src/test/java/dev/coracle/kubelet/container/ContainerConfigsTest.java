package dev.coracle.kubelet.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.client.Client;
import dev.coracle.kubelet.field.ResourceFields;
import dev.coracle.kubelet.volume.Volumes;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.os.Mounts;
import dev.coracle.machinery.os.Nodes;
import dev.coracle.machinery.os.Processes;
import dev.coracle.runtime.ImageService.Image;
import dev.coracle.runtime.RuntimeService.ContainerConfig;
import dev.coracle.runtime.RuntimeService.Mount;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a container in a pod spec becomes for the runtime. */
class ContainerConfigsTest {
    @TempDir
    Path dir;

    private static final Client NOBODY = (Client) Proxy.newProxyInstance(
            Client.class.getClassLoader(), new Class<?>[] {Client.class}, (proxy, method, args) -> {
                throw new AssertionError("nothing is to be asked of the API server: " + method.getName());
            });

    @SuppressWarnings("unchecked")
    private static Unstructured pod(String spec) {
        return new Unstructured((Map<String, Object>)
                Yaml.parseAll("metadata: {name: p, namespace: default, uid: u1}\nspec:\n" + spec.indent(2))
                        .getFirst());
    }

    private ContainerConfig config(Unstructured pod) throws IOException {
        Map<String, Path> volumes = new HashMap<>();
        for (Unstructured v : pod.objects("spec", "volumes")) {
            volumes.put(
                    v.string("name"),
                    Files.createDirectories(dir.resolve("volumes").resolve(v.string("name"))));
        }
        var node =
                new NodeSettings("n", "127.0.0.1", dir.resolve("pods"), dir.resolve("logs"), "10.96.0.10", "c", 1, 1);
        var image = new Image("sha256:0", List.of(), List.of(), 0, "", 0);
        return new ContainerConfigs(node, NOBODY)
                .config(pod, pod.objects("spec", "containers").getFirst(), 0, image, volumes, List.of(), "");
    }

    private static Mount mount(ContainerConfig config, String path) {
        return config.mounts().stream()
                .filter(m -> m.containerPath().equals(path))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void what_comes_from_the_API_is_mounted_read_only_whatever_the_pod_says() throws IOException {
        ContainerConfig config = config(pod("""
                volumes:
                - {name: map, configMap: {name: m}}
                - {name: secret, secret: {secretName: s}}
                - {name: fields, downwardAPI: {items: []}}
                - {name: token, projected: {sources: []}}
                - {name: claim, persistentVolumeClaim: {claimName: c, readOnly: true}}
                - {name: scratch, emptyDir: {}}
                containers:
                - name: main
                  volumeMounts:
                  - {name: map, mountPath: /map, readOnly: false}
                  - {name: secret, mountPath: /secret}
                  - {name: fields, mountPath: /fields}
                  - {name: token, mountPath: /token}
                  - {name: claim, mountPath: /claim}
                  - {name: scratch, mountPath: /scratch}
                """));
        for (String path : List.of("/map", "/secret", "/fields", "/token", "/claim")) {
            assertThat(mount(config, path).readonly()).as(path).isTrue();
        }
        assertThat(mount(config, "/scratch").readonly()).isFalse();
    }

    private static final String ONE_PART = """
            volumes: [{name: data, emptyDir: {}}]
            containers:
            - name: main
              env: [{name: SUB, value: part}]
              volumeMounts: [{name: data, mountPath: /data, %s}]
            """;

    private Path volume() throws IOException {
        assumeTrue(Processes.uid() == 0, "mounting needs root");
        Path outside = Files.createDirectories(dir.resolve("outside"));
        Files.writeString(outside.resolve("precious"), "kept");
        return Files.createDirectories(dir.resolve("volumes/data"));
    }

    @AfterEach
    void unmount() {
        new Volumes(dir.resolve("pods"), NOBODY, new VirtualEnvironment(1).environment(), new ResourceFields(1, 1))
                .teardown("u1");
        assertThat(Mounts.under(dir)).isEmpty();
        assertThat(dir.resolve("pods/u1/volume-subpaths")).doesNotExist();
    }

    @Test
    void a_part_of_a_volume_is_made_as_open_as_the_volume_and_bound_to_a_place_of_the_pods() throws IOException {
        Path volume = volume();
        Nodes.mode(volume, 02775);
        for (String sub : List.of("subPath: part/of/it", "subPathExpr: $(SUB)/of/it")) {
            Mount mount = mount(config(pod(ONE_PART.formatted(sub))), "/data");
            assertThat(mount.hostPath())
                    .isEqualTo(
                            dir.resolve("pods/u1/volume-subpaths/data/main/0").toString());
            Files.writeString(Path.of(mount.hostPath()).resolve("file"), "written");
            assertThat(volume.resolve("part/of/it/file")).hasContent("written");
            assertThat(Files.getAttribute(volume.resolve("part/of"), "unix:mode"))
                    .isEqualTo(042775);
        }
    }

    @Test
    void a_file_is_a_part_too_and_a_link_within_the_volume_leads_to_it() throws IOException {
        Path volume = volume();
        Files.createDirectory(volume.resolve("..v1"));
        Files.writeString(volume.resolve("..v1/key"), "text");
        Files.createSymbolicLink(volume.resolve("key"), Path.of("..v1/key"));
        Mount mount = mount(config(pod(ONE_PART.formatted("subPath: key"))), "/data");
        assertThat(Path.of(mount.hostPath())).hasContent("text");
        // What is mounted stays what was looked at.
        Files.delete(volume.resolve("key"));
        Files.createSymbolicLink(volume.resolve("key"), dir.resolve("outside/precious"));
        assertThat(Path.of(mount.hostPath())).hasContent("text");
    }

    @Test
    void a_link_out_of_the_volume_is_neither_mounted_nor_written_through() throws IOException {
        Path volume = volume();
        Files.createSymbolicLink(volume.resolve("absolute"), dir.resolve("outside"));
        Files.createSymbolicLink(volume.resolve("relative"), Path.of("../../outside"));
        Files.createSymbolicLink(volume.resolve("root"), Path.of("/"));
        Files.createSymbolicLink(volume.resolve("dangling"), dir.resolve("outside/new"));
        for (String sub : List.of("absolute", "relative", "root/etc", "absolute/made", "relative/made", "dangling")) {
            Unstructured pod = pod(ONE_PART.formatted("subPath: " + sub));
            assertThatThrownBy(() -> config(pod))
                    .as(sub)
                    .isInstanceOf(ConfigException.class)
                    .hasMessage("failed to create subPath directory for volumeMount \"data\" of container \"main\"");
        }
        Unstructured climbing = pod(ONE_PART.formatted("subPathExpr: $(SUB)/../../outside"));
        assertThatThrownBy(() -> config(climbing)).hasMessageContaining("must not contain '..'");
        Unstructured unknown = pod(ONE_PART.formatted("subPathExpr: $(SUB)/$(NOBODY)"));
        assertThatThrownBy(() -> config(unknown)).hasMessage("missing value for NOBODY");
        assertThat(dir.resolve("outside").toFile().list()).containsExactly("precious");
    }

    /** CVE-2021-25741: between the kubelet's look and the mount, the container swaps the directory for a link. */
    @Test
    void a_link_that_is_swapped_in_at_any_moment_is_never_what_is_mounted() throws Exception {
        Path volume = volume();
        Path part = Files.createDirectory(volume.resolve("part"));
        Files.writeString(part.resolve("precious"), "the volume's");
        Files.createSymbolicLink(volume.resolve("link"), dir.resolve("outside"));
        AtomicBoolean stop = new AtomicBoolean();
        Thread container = new Thread(() -> {
            Path aside = volume.resolve("aside");
            while (!stop.get()) {
                part.toFile().renameTo(aside.toFile());
                volume.resolve("link").toFile().renameTo(part.toFile());
                part.toFile().renameTo(volume.resolve("link").toFile());
                aside.toFile().renameTo(part.toFile());
            }
        });
        container.start();
        try {
            Unstructured pod = pod(ONE_PART.formatted("subPath: part"));
            for (int i = 0; i < 300; i++) {
                Path mounted;
                try {
                    mounted = Path.of(mount(config(pod), "/data").hostPath());
                } catch (ConfigException e) {
                    continue;
                }
                Path file = mounted.resolve("precious");
                assertThat(!Files.exists(file) || Files.readString(file).equals("the volume's"))
                        .isTrue();
            }
        } finally {
            stop.set(true);
            container.join();
        }
        assertThat(dir.resolve("outside").toFile().list()).containsExactly("precious");
    }
}
