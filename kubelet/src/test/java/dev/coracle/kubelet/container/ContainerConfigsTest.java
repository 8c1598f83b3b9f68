package dev.coracle.kubelet.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Client;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
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
                .config(pod, pod.objects("spec", "containers").getFirst(), 0, image, volumes, List.of());
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
}
