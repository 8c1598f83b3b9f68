package dev.coracle.cli.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.cli.kubectl.resource.ApiResource;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each breakage breaks, its solution mends, and to take FlowForge away does not. */
class BreakagesTest {
    @TempDir
    private static Path dir;

    private static Classroom room;
    private static Catalog catalog;
    private static Exercise exercise;

    @BeforeAll
    static void open() throws Exception {
        room = new Classroom(dir);
        catalog = new Catalog(room.session());
        exercise = Classroom.COURSE.exercise("6");
        room.client()
                .create(
                        Resources.STORAGE_CLASSES,
                        "",
                        Unstructured.of("storage.k8s.io/v1", "StorageClass", "", "standard")
                                .set("coracle.dev/test", "provisioner"),
                        WriteOptions.DEFAULT);
    }

    @AfterAll
    static void close() {
        room.close();
    }

    private static List<String> names() throws Exception {
        return Classroom.COURSE.exercise("6").breakages().stream()
                .map(Breakage::name)
                .toList();
    }

    @Test
    void thereAreEnoughAndTheUsualFourShowAllThatTheCourseNames() throws Exception {
        assertThat(names()).hasSizeGreaterThan(12).doesNotHaveDuplicates();
        List<Breakage> usual =
                exercise.breakages().stream().filter(Breakage::usual).toList();
        assertThat(usual).hasSize(4);
        assertThat(usual.stream().flatMap(b -> b.shows().stream()))
                .contains(
                        "ImagePullBackOff",
                        "CrashLoopBackOff",
                        "Pending",
                        "CreateContainerConfigError",
                        "unreachable Service");
        assertThat(exercise.breakages())
                .allSatisfy(b -> assertThat(b.hints()).as(b.name()).hasSizeGreaterThan(1));
    }

    @ParameterizedTest
    @MethodSource("names")
    void itBreaksAndIsMended(String name) {
        Breakage breakage = exercise.breakages().stream()
                .filter(b -> b.name().equals(name))
                .findFirst()
                .orElseThrow();
        String namespace = "b-" + name;
        room.client()
                .create(
                        Resources.NAMESPACES,
                        "",
                        Unstructured.of("v1", "Namespace", "", namespace),
                        WriteOptions.DEFAULT);
        Sight sight = new Sight(room.session(), namespace);
        Teacher.objects(exercise, List.of(breakage)).forEach(o -> create(o, namespace));
        assertThat(sight.again().holds(breakage.mended())).as("broken").isFalse();

        Breakage.Solution solution = breakage.solution();
        solution.gone().forEach(g -> delete(find(g), namespace, g.replaceFirst(".*/", "")));
        for (Unstructured o : solution.objects()) {
            delete(find(o.kind() + "/" + o.name()), namespace, o.name());
            create(o, namespace);
        }
        for (Change c : solution.changes()) {
            room.client()
                    .patch(
                            find(c.target()).resource(),
                            namespace,
                            c.target().replaceFirst(".*/", ""),
                            new Patch(Patch.Type.JSON, Json.bytes(c.operations())),
                            WriteOptions.DEFAULT);
        }
        assertThat(sight.again().holds(breakage.mended())).as("mended").isTrue();

        for (Revision d : room.client()
                .list(Resources.DEPLOYMENTS, namespace, ListOptions.ALL)
                .items()) {
            room.client()
                    .patch(
                            Resources.DEPLOYMENTS,
                            namespace,
                            d.name(),
                            Patch.merge(Unstructured.parse("{\"spec\": {\"replicas\": 0}}")),
                            WriteOptions.DEFAULT);
        }
        assertThat(sight.again().holds(breakage.mended())).as("sent to sleep").isFalse();
        for (Revision d : room.client()
                .list(Resources.DEPLOYMENTS, namespace, ListOptions.ALL)
                .items()) {
            room.client().delete(Resources.DEPLOYMENTS, namespace, d.name(), DeleteOptions.NOW);
        }
        assertThat(sight.again().holds(breakage.mended())).as("taken away").isFalse();
    }

    private static ApiResource find(String target) {
        return catalog.find(target.replaceFirst("/.*", ""));
    }

    private static void create(Unstructured object, String namespace) {
        room.client()
                .create(
                        find(object.kind()).resource(),
                        namespace,
                        object.copy().set(namespace, "metadata", "namespace"),
                        WriteOptions.DEFAULT);
    }

    /** With what holds it back: no controller is here to let go of it. */
    private static void delete(ApiResource resource, String namespace, String name) {
        room.client().delete(resource.resource(), namespace, name, DeleteOptions.NOW);
        boolean held = room.client().list(resource.resource(), namespace, ListOptions.ALL).items().stream()
                .anyMatch(r -> r.name().equals(name));
        if (held) {
            room.client()
                    .patch(
                            resource.resource(),
                            namespace,
                            name,
                            Patch.merge(Unstructured.parse("{\"metadata\": {\"finalizers\": null}}")),
                            WriteOptions.DEFAULT);
        }
    }
}
