package dev.coracle.cli.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.cli.kubectl.resource.ApiResource;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The labs as they lie in the checkout. */
class ExercisesTest {
    private static final WriteOptions DRY = new WriteOptions("", "coracle-lab", false, true);

    @TempDir
    private static Path dir;

    @Test
    void theCourseHasItsExercisesAndEachHasItsPlaceInAReadMe() throws Exception {
        List<Exercise> all = Classroom.COURSE.exercises();
        assertThat(all)
                .extracting(Exercise::name)
                .containsExactly("1a", "1b", "2a", "2b", "3a", "3b", "3c", "4a", "4b", "4c", "5a", "6");
        for (Exercise e : all) {
            Path lab = Path.of("../labs", e.lab());
            assertThat(lab.resolve("exercises/" + e.name() + ".yaml")).exists();
            assertThat(Files.readString(lab.resolve("README.md"))).contains("coracle lab start " + e.name() + "\n");
            assertThat(Files.readString(Path.of("../labs/README.md")))
                    .contains("(" + e.lab() + "/README.md)", e.title());
            assertThat(e.checks()).isNotEmpty().allSatisfy(Sight::compile);
            assertThat(e.hints()).isNotEmpty();
            assertThat(e.namespaces()).allMatch(n -> n.startsWith("lab-" + e.name()));
        }
    }

    /** Dry, so that nothing has to be taken away again: an object is accepted or refused as it stands. */
    @Test
    void theServerTakesEveryManifest() throws Exception {
        try (var room = new Classroom(dir)) {
            Catalog catalog = new Catalog(room.session());
            for (Exercise e : Classroom.COURSE.exercises()) {
                List<Unstructured> objects = new ArrayList<>(Teacher.objects(e, e.breakages()));
                Path manifests = Path.of("../labs", e.lab(), "manifests");
                if (Files.exists(manifests)) {
                    try (Stream<Path> files = Files.list(manifests)) {
                        for (Path file : files.toList()) {
                            objects.addAll(Course.manifests(file));
                        }
                    }
                }
                for (Unstructured o : objects) {
                    ApiResource resource = catalog.of(o.groupVersionKind()).orElseThrow();
                    Unstructured here = o.copy().set("default", "metadata", "namespace");
                    assertThat(room.session()
                                    .client()
                                    .validating("Strict")
                                    .create(resource.resource(), "default", here, DRY)
                                    .object()
                                    .name())
                            .isEqualTo(o.name());
                }
            }
            assertThat(room.client()
                            .list(Resources.DEPLOYMENTS, "", dev.coracle.client.ListOptions.ALL)
                            .items())
                    .isEmpty();
        }
    }

    @Test
    void aTypoInAFileIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> Sight.compile(new Check(Map.of("p", "pods"), "q.size() > 0", "some pods", "none")))
                .hasMessageStartingWith("the check \"some pods\": compilation failed: ")
                .hasMessageContaining("undeclared reference to 'q'");
        assertThatThrownBy(() -> Entry.of("2a", Yaml.parseAll("{chekcs: []}").getFirst(), Set.of("checks")))
                .hasMessage("2a: there is no field chekcs, only [checks]");
        assertThatThrownBy(() -> Entry.of("2a", "text", Set.of())).hasMessage("2a: fields are expected, not \"text\"");
    }
}
