package dev.coracle.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.client.Client;
import dev.coracle.kubelet.field.ResourceFields;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.os.Mounts;
import dev.coracle.machinery.os.Processes;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The volumes of one pod on a node whose API server has one Secret, "s". */
class VolumesTest {
    @TempDir
    Path dir;

    private final Map<String, String> objects = new HashMap<>();
    private String password = "Zmlyc3Q=";
    private Volumes volumes;
    private Path outside;

    private final Unstructured pod = Unstructured.parse("""
            {"metadata": {"name": "p", "namespace": "default", "uid": "u1"}, "spec": {"volumes": [
              {"name": "secret", "secret": {"secretName": "s", "defaultMode": 256}},
              {"name": "scratch", "emptyDir": {}}]}}""");

    @BeforeEach
    void aNode() throws IOException {
        assumeTrue(Processes.uid() == 0, "mounting needs root");
        Client client = (Client) Proxy.newProxyInstance(
                Client.class.getClassLoader(),
                new Class<?>[] {Client.class},
                (proxy, method, args) -> new Revision(
                        (GroupVersionResource) args[0],
                        1,
                        objects.getOrDefault(
                                        ((GroupVersionResource) args[0]).resource(),
                                        "{\"metadata\": {\"name\": \"s\"}, \"data\": {\"password\": \"" + password
                                                + "\"}}")
                                .getBytes(StandardCharsets.UTF_8)));
        volumes = new Volumes(
                dir.resolve("pods"),
                client,
                new VirtualEnvironment(3).environment(),
                new ResourceFields(1000, 1 << 30));
        outside = Files.createDirectory(dir.resolve("outside"));
        Files.writeString(outside.resolve("precious"), "kept");
    }

    @AfterEach
    void nothingStaysMounted() {
        volumes.teardown("u1");
        assertThat(Mounts.under(dir)).isEmpty();
    }

    @Test
    void a_secret_lies_in_memory_and_is_its_owners_alone() throws IOException {
        Path secret = volumes.prepare(pod).get("secret");
        assertThat(secret).isNotNull();
        assertThat(Mounts.under(dir)).containsExactly(secret);
        assertThat(Files.getAttribute(secret, "unix:mode")).isEqualTo(040755);
        assertThat(Files.getAttribute(secret.resolve("password"), "unix:mode")).isEqualTo(0100400);
        assertThat(Files.getAttribute(dir.resolve("pods/u1"), "unix:mode")).isEqualTo(040700);
    }

    private Path claimed(String source) {
        objects.put("persistentvolumeclaims", """
                {"metadata": {"name": "c"}, "spec": {"volumeName": "v"}, "status": {"phase": "Bound"}}""");
        objects.put("persistentvolumes", "{\"metadata\": {\"name\": \"v\"}, \"spec\": {\"hostPath\": " + source + "}}");
        Path path = volumes.prepare(Unstructured.parse("""
                {"metadata": {"name": "p", "namespace": "default", "uid": "u1"}, "spec": {"volumes": [
                  {"name": "data", "persistentVolumeClaim": {"claimName": "c"}}]}}""")).get("data");
        return path == null ? Path.of("/") : path;
    }

    @Test
    void a_persistent_volume_on_an_absent_directory_is_checked_as_its_type_says() throws IOException {
        Path absent = dir.resolve("absent");
        String path = "{\"path\": \"" + absent + "\"";
        // The runtime makes it when it mounts it.
        assertThat(claimed(path + "}")).isEqualTo(absent).doesNotExist();
        assertThatThrownBy(() -> claimed(path + ", \"type\": \"Directory\"}"))
                .hasMessageContaining("hostPath type check failed: " + absent + " is not a directory");
        assertThat(claimed(path + ", \"type\": \"DirectoryOrCreate\"}")).isDirectory();
        assertThat(Files.getAttribute(absent, "unix:mode")).isEqualTo(040777);
        assertThatThrownBy(() -> claimed(path + ", \"type\": \"File\"}"))
                .hasMessageContaining("hostPath type check failed: " + absent + " is not a file");
    }

    @Test
    void links_that_a_container_planted_cost_the_host_nothing() throws IOException {
        Path secret = volumes.prepare(pod).get("secret");
        Path scratch = volumes.prepare(pod).get("scratch");
        assertThat(secret).isNotNull();
        assertThat(scratch).isNotNull();
        Files.delete(secret.resolve("..data"));
        Files.createSymbolicLink(secret.resolve("..data"), outside);
        Files.createSymbolicLink(scratch.resolve("out"), outside);

        password = "c2Vjb25k";
        volumes.prepare(pod);
        assertThat(secret.resolve("password")).hasContent("second");
        assertThat(outside.resolve("precious")).hasContent("kept");

        Files.delete(secret.resolve("..data"));
        Files.createSymbolicLink(secret.resolve("..data"), outside);
        volumes.teardown("u1");
        assertThat(dir.resolve("pods/u1/volumes")).doesNotExist();
        assertThat(outside.toFile().list()).containsExactly("precious");
        assertThat(outside.resolve("precious")).hasContent("kept");
    }
}
