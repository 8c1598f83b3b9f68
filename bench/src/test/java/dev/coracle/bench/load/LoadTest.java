package dev.coracle.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.ApiServerConfig;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.ListOptions;
import dev.coracle.cluster.pki.CertificateAuthority;
import dev.coracle.cluster.pki.KeyPairPem;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Resources;
import dev.coracle.store.memory.MemoryStore;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The whole program against a real API server that lies in memory. */
class LoadTest {
    private final SystemEnvironment system = new SystemEnvironment((task, e) -> {});
    private final MemoryStore store = new MemoryStore(system.environment());

    @TempDir
    private Path dir;

    private ApiServer server;
    private Path kubeconfig;

    @BeforeEach
    void start() throws Exception {
        var authority = CertificateAuthority.create("bench", system.environment());
        KeyPairPem serving = authority.server("kube-apiserver", List.of("127.0.0.1"));
        KeyPairPem admin = authority.client("kubernetes-admin", UserInfo.MASTERS);
        String ca = authority.pem().certificate();
        server = new ApiServer(new ApiServerConfig(
                store,
                system.environment(),
                "127.0.0.1",
                0,
                serving.certificate(),
                serving.key(),
                ca,
                admin.certificate(),
                admin.key(),
                "10.96.0.0/16"));
        server.start();
        kubeconfig = Files.writeString(dir.resolve("kubeconfig"), """
                        apiVersion: v1
                        kind: Config
                        current-context: c
                        contexts: [{name: c, context: {cluster: c, user: u}}]
                        clusters:
                        - {name: c, cluster: {server: "https://127.0.0.1:%d", certificate-authority-data: %s}}
                        users: [{name: u, user: {client-certificate-data: %s, client-key-data: %s}}]
                        """.formatted(
                        server.address().getPort(), base64(ca), base64(admin.certificate()), base64(admin.key())));
    }

    @AfterEach
    void stop() {
        server.close();
        store.close();
        system.close();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    private String run(String... more) {
        var out = new StringWriter();
        String[] args = new String[more.length + 6];
        System.arraycopy(
                new String[] {"--kubeconfig", kubeconfig.toString(), "--seconds", "0.1", "--warm-up", "0"},
                0,
                args,
                0,
                6);
        System.arraycopy(more, 0, args, 6, more.length);
        int code = new CommandLine(new Load())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(new StringWriter()))
                .execute(args);
        assertThat(code).isZero();
        return out.toString();
    }

    @Test
    @SuppressWarnings("unchecked")
    void everyOperationIsAnsweredByBothServersAndNothingIsLeftBehind() {
        String json = run("--beside", kubeconfig.toString(), "--concurrency", "2", "--objects", "5", "--json");
        var results = (List<Map<String, Object>>) Objects.requireNonNull(Json.parse(json));
        assertThat(results)
                .extracting(r -> r.get("operation") + " " + r.get("server"))
                .startsWith("create measured", "create beside", "get measured", "get beside")
                .endsWith("delete measured", "delete beside")
                .hasSize(12);
        assertThat(results).allSatisfy(r -> {
            assertThat((Long) r.get("count")).isPositive();
            assertThat(r).containsEntry("errorsByKind", "");
        });
        var admin = server.client(UserInfo.ADMIN);
        assertThat(admin.list(Resources.CONFIG_MAPS, "", ListOptions.ALL).items())
                .noneMatch(o -> o.namespace().startsWith("load-"));
        assertThat(admin.list(Resources.NAMESPACES, "", ListOptions.ALL).items())
                .filteredOn(n -> n.name().startsWith("load-"))
                .hasSize(4)
                .allMatch(n -> n.isDeleting());
    }
}
