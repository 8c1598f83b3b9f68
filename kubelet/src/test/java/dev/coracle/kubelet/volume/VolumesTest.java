package dev.coracle.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.client.Client;
import dev.coracle.kubelet.field.ResourceFields;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.os.Mounts;
import dev.coracle.machinery.os.Processes;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The volumes of one pod on a node whose API server has one Secret, "s". */
class VolumesTest {
    @TempDir
    Path dir;

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
                        Resources.SECRETS,
                        1,
                        ("{\"metadata\": {\"name\": \"s\"}, \"data\": {\"password\": \"" + password + "\"}}")
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
