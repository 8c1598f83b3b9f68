package dev.coracle.cli.lab;

import dev.coracle.cli.kubectl.TestServer;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.WriteOptions;
import dev.coracle.client.https.Kubeconfig;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.ControllersConfig;
import dev.coracle.controllers.namespace.NamespaceController;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** A teacher with the labs of this checkout, and a cluster whose statuses the test writes. */
final class Classroom implements AutoCloseable {
    static final Course COURSE = new Course(Path.of(".."));

    private final TestServer server;
    private final ClientInformers informers;
    private final NamespaceController namespaces;
    private final Session session;
    private final Path notes;

    Classroom(Path dir) throws IOException {
        this.server = new TestServer(dir);
        this.informers = new ClientInformers(server.admin(), server.system().environment());
        // Else a namespace would never be gone.
        this.namespaces = new NamespaceController(new ControllerContext(
                server.admin(),
                informers,
                server.system().environment(),
                new ControllersConfig(dir, "", Duration.ofSeconds(50))));
        informers.start();
        this.session = new Session(
                Kubeconfig.read(server.kubeconfig()).endpoint(),
                server.kubeconfig(),
                "",
                Duration.ZERO,
                server.system().environment(),
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(PrintStream.nullOutputStream()),
                System.err);
        this.notes = dir.resolve("notes");
    }

    /** A new one each time, as a new command is. */
    Teacher teacher() {
        return new Teacher(session, COURSE, notes);
    }

    void start(String exercise) throws IOException {
        teacher().start(exercise, OptionalLong.empty());
    }

    Session session() {
        return session;
    }

    Client client() {
        return server.admin();
    }

    /** What controllers and kubelets would write. */
    void status(GroupVersionResource resource, String namespace, String name, String status) {
        Unstructured object = client().get(resource, namespace, name).object().copy();
        object.set(Unstructured.parse(status).map(), "status");
        client().update(resource, object, WriteOptions.STATUS);
    }

    /** A ConfigMap, written anew. */
    void configMap(String namespace, String name, Map<String, String> data) {
        client().create(
                        dev.coracle.machinery.object.Resources.CONFIG_MAPS,
                        namespace,
                        Unstructured.of("v1", "ConfigMap", namespace, name).set(data, "data"),
                        WriteOptions.DEFAULT);
    }

    List<String> open(String exercise) throws IOException {
        return teacher().check(exercise).stream()
                .filter(v -> !v.holds())
                .map(Verdict::says)
                .toList();
    }

    @Override
    public void close() {
        session.close();
        namespaces.close();
        informers.close();
        server.close();
    }
}
