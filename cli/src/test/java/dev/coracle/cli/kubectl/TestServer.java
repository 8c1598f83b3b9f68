package dev.coracle.cli.kubectl;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.ApiServerConfig;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.WriteOptions;
import dev.coracle.cluster.pki.KeyPairPem;
import dev.coracle.cluster.pki.Pki;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.memory.MemoryStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** An API server with a network and nothing behind it, our kubectl, and the other one where it is installed. */
public final class TestServer implements AutoCloseable {
    static final Path OTHER = Stream.of("/usr/lib/google-cloud-sdk/bin/kubectl.1.33", "/usr/bin/kubectl")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(Path.of("kubectl"));

    /** What a command said, and its exit code. */
    record Result(int code, String out, String err) {}

    private final Path dir;
    private final SystemEnvironment system = new SystemEnvironment((n, e) -> e.printStackTrace());
    private final MemoryStore store;
    private final ApiServer server;
    private final Path kubeconfig;
    private boolean stopped;

    public TestServer(Path dir) throws IOException {
        this.dir = dir;
        this.store = new MemoryStore(system.environment());
        Pki pki = Pki.open(dir.resolve("pki"), system.environment());
        KeyPairPem serving = pki.server("apiserver", "kube-apiserver", List.of("127.0.0.1", "localhost"));
        KeyPairPem kubelet = pki.client("kubelet", "kube-apiserver-kubelet-client", "system:masters");
        KeyPairPem admin = pki.client("admin", "kubernetes-admin", "system:masters");
        this.server = new ApiServer(config(pki, serving, kubelet));
        server.start();
        // No controller runs here that would make it, and pods are held to it.
        server.client(UserInfo.ADMIN)
                .create(
                        Resources.SERVICE_ACCOUNTS,
                        "default",
                        Unstructured.of("v1", "ServiceAccount", "default", "default"),
                        WriteOptions.DEFAULT);
        this.kubeconfig = dir.resolve("kubeconfig");
        Files.writeString(kubeconfig, """
                apiVersion: v1
                kind: Config
                clusters:
                - {name: test, cluster: {server: 'https://127.0.0.1:%d', certificate-authority-data: %s}}
                users:
                - {name: admin, user: {client-certificate-data: %s, client-key-data: %s}}
                contexts:
                - {name: test, context: {cluster: test, user: admin}}
                - {name: flowforge, context: {cluster: test, user: admin, namespace: flowforge}}
                current-context: test
                """.formatted(
                        server.address().getPort(),
                        base64(pki.caCertificate()),
                        base64(admin.certificate()),
                        base64(admin.key())));
    }

    private ApiServerConfig config(Pki pki, KeyPairPem serving, KeyPairPem kubelet) {
        return new ApiServerConfig(
                store,
                system.environment(),
                "127.0.0.1",
                0,
                serving.certificate(),
                serving.key(),
                pki.caCertificate(),
                kubelet.certificate(),
                kubelet.key(),
                "10.96.0.0/16");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    public Client admin() {
        return server.client(UserInfo.ADMIN);
    }

    public Path kubeconfig() {
        return kubeconfig;
    }

    public SystemEnvironment system() {
        return system;
    }

    /** Our own. */
    Result run(String... words) {
        return runWith("", words);
    }

    /** With a text on standard input. */
    Result runWith(String input, String... words) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int code = run(input, out, err, words);
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Where time goes otherwise. */
    Result runIn(Environment environment, String... words) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int code = run(environment, "", out, err, words);
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** For what goes on while it is looked at. */
    void runInto(ByteArrayOutputStream out, String... words) {
        run("", out, new ByteArrayOutputStream(), words);
    }

    private int run(String input, ByteArrayOutputStream out, ByteArrayOutputStream err, String... words) {
        return run(system.environment(), input, out, err, words);
    }

    private int run(
            Environment environment,
            String input,
            ByteArrayOutputStream out,
            ByteArrayOutputStream err,
            String... words) {
        return new Kubectl(
                        kubeconfig,
                        environment,
                        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .run(List.of(words));
    }

    /** The one on this machine. */
    Result other(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(OTHER.toString()));
        command.addAll(List.of(words));
        Path out = Files.createTempFile(dir, "out", "");
        Path err = Files.createTempFile(dir, "err", "");
        ProcessBuilder b = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .redirectInput(Path.of("/dev/null").toFile());
        b.environment().put("KUBECONFIG", kubeconfig.toString());
        b.environment().put("HOME", dir.toString());
        // One that lives for a tenth of a second has no use for a collector or for threads.
        b.environment().put("GOGC", "off");
        b.environment().put("GOMAXPROCS", "1");
        int code = b.start().waitFor();
        return new Result(code, Files.readString(out), Files.readString(err));
    }

    /** Without what says nothing, which kubectl writes where Go has no way not to. */
    static Object full(Object tree) {
        if (tree instanceof Map<?, ?> map) {
            Map<Object, Object> kept = new LinkedHashMap<>();
            map.forEach((key, value) -> {
                Object inner = full(value);
                boolean empty = inner == null
                        || inner instanceof Map<?, ?> m && m.isEmpty()
                        || inner instanceof Collection<?> c && c.isEmpty()
                        || Boolean.FALSE.equals(inner);
                if (!empty && !List.of("namespace", "status").contains(key)) {
                    kept.put(key, inner);
                }
            });
            return kept;
        }
        return tree instanceof List<?> list
                ? list.stream().map(TestServer::full).toList()
                : tree;
    }

    /** The server alone. */
    void stop() {
        if (!stopped) {
            stopped = true;
            server.close();
        }
    }

    @Override
    public void close() {
        stop();
        store.close();
        system.close();
    }
}
