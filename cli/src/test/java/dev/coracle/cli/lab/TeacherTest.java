package dev.coracle.cli.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A student's way through an exercise. */
class TeacherTest {
    @TempDir
    private static Path dir;

    private static Classroom room;

    @BeforeAll
    static void open() throws Exception {
        room = new Classroom(dir);
    }

    @AfterAll
    static void close() {
        room.close();
    }

    @Test
    void whatIsNotStartedCanBeStartedOnce() throws Exception {
        for (String exercise : List.of("2b", "6")) {
            assertThatThrownBy(() -> room.teacher().check(exercise))
                    .hasMessage("exercise " + exercise + " was not started: `coracle lab start " + exercise
                            + "` does that");
        }
        assertThatThrownBy(() -> room.start("7")).hasMessageStartingWith("there is no exercise \"7\", only 1a, 1b, ");
        assertThat(room.teacher().start("2b", OptionalLong.empty())).contains("lab-2b", "lab check 2b");
        assertThatThrownBy(() -> room.start("2b")).hasMessageContaining("is under way");
        assertThatThrownBy(() -> room.teacher().reset("2b", OptionalLong.of(1)))
                .hasMessageStartingWith("--seed: exercise 2b ");
        assertThat(room.teacher().list())
                .filteredOn(Teacher.Listed::started)
                .extracting(Teacher.Listed::name)
                .contains("2b")
                .doesNotContain("5a");
    }

    @Test
    void aCheckSeesWhatTheClusterSaysAndNothingElse() throws Exception {
        room.start("3c");
        assertThat(room.open("3c")).hasSize(5);
        room.configMap("lab-3c", "app-config", Map.of("GREETING", "hello"));
        assertThat(room.open("3c")).hasSize(4).doesNotContain("app's container looks for a greeting that is not there");
        room.client()
                .create(
                        Resources.SECRETS,
                        "lab-3c",
                        Unstructured.of("v1", "Secret", "lab-3c", "app-secret")
                                .set(Map.of("PASSWORD", "c2VjcmV0"), "stringData"),
                        WriteOptions.DEFAULT);
        room.status(Resources.DEPLOYMENTS, "lab-3c", "app", "{\"replicas\": 1, \"readyReplicas\": 1}");
        assertThat(room.open("3c"))
                .containsExactly("the ConfigMap does not say good morning", "app itself does not say good morning");
        room.client()
                .patch(
                        Resources.CONFIG_MAPS,
                        "lab-3c",
                        "app-config",
                        Patch.merge(Unstructured.parse("{\"data\": {\"GREETING\": \"good morning\"}}")),
                        WriteOptions.DEFAULT);
        // Nobody is there to say it: no pod runs here.
        assertThat(room.open("3c")).containsExactly("app itself does not say good morning");
    }

    @Test
    void hintsGoAStepFurtherEachTimeAndEnd() throws Exception {
        room.start("1b");
        List<String> hints = Classroom.COURSE.exercise("1b").hints();
        for (int i = 0; i < hints.size(); i++) {
            assertThat(room.teacher().hint("1b")).isEqualTo((i + 1) + "/" + hints.size() + "  " + hints.get(i));
        }
        assertThat(room.teacher().hint("1b")).isEqualTo("that was all; the last was: " + hints.getLast());
    }

    @Test
    void resetTakesAllAwayAndBeginsAgain() throws Exception {
        room.start("1a");
        room.teacher().hint("1a");
        room.configMap("lab-1a", "answers", Map.of("nodes", "0"));
        String answered = "answers: nodes is not how many nodes there are";
        assertThat(room.open("1a")).doesNotContain(answered);
        room.teacher().reset("1a", OptionalLong.empty());
        assertThat(room.open("1a")).contains(answered);
        assertThat(room.teacher().hint("1a")).startsWith("1/");
    }

    @Test
    void whatIsSomebodyElsesIsLeftAlone() throws Exception {
        room.client()
                .create(
                        Resources.NAMESPACES,
                        "",
                        Unstructured.of("v1", "Namespace", "", "lab-4c"),
                        WriteOptions.DEFAULT);
        String refusal = "namespace lab-4c was not made by exercise 4c and is left alone";
        assertThatThrownBy(() -> room.start("4c")).hasMessageStartingWith(refusal);
        assertThatThrownBy(() -> room.teacher().reset("4c", OptionalLong.empty()))
                .hasMessageStartingWith(refusal);
        assertThat(room.client()
                        .get(Resources.NAMESPACES, "", "lab-4c")
                        .object()
                        .isDeleting())
                .isFalse();
        assertThat(room.teacher().list())
                .contains(new Teacher.Listed("4c", "FlowForge, all of it", "lab-04-namespaces-ingress", false));
        room.client().delete(Resources.NAMESPACES, "", "lab-4c", DeleteOptions.DEFAULT);
    }

    @Test
    void fourThingsBreakAndNoHintIsGivenForWhatIsMended() throws Exception {
        room.start("6");
        assertThat(room.open("6")).hasSize(9);
        // What is broken stands nowhere in the cluster.
        assertThat(room.client().get(Resources.NAMESPACES, "", "lab-6").object().toString())
                .doesNotContain("selector", "hasty");
        room.client()
                .patch(
                        Resources.SERVICES,
                        "lab-6",
                        "api-service",
                        Patch.merge(Unstructured.parse("{\"spec\": {\"selector\": {\"app\": \"api-service\"}}}")),
                        WriteOptions.DEFAULT);
        assertThat(room.open("6")).hasSize(8);
        Set<String> hints = new HashSet<>();
        String hint = "";
        while (!hint.startsWith("that was all")) {
            hint = room.teacher().hint("6");
            hints.add(hint.replaceFirst("^[0-9]+/[0-9]+ *", ""));
        }
        Breakage mended = Classroom.COURSE.exercise("6").breakages().stream()
                .filter(b -> b.name().equals("selector"))
                .findFirst()
                .orElseThrow();
        assertThat(hints).hasSizeGreaterThan(10).doesNotContainAnyElementsOf(mended.hints());

        room.teacher().reset("6", OptionalLong.empty());
        assertThat(room.open("6")).hasSize(9);
        List<String> usual = room.open("6");
        room.teacher().reset("6", OptionalLong.of(7));
        List<String> others = room.open("6");
        assertThat(others).hasSize(9).isNotEqualTo(usual);
        room.teacher().reset("6", OptionalLong.empty());
        assertThat(room.open("6")).as("the same again").isEqualTo(others);
    }

    @Test
    void aCheckOfSomethingThatIsNotThereDoesNotHoldAndAnUnknownKindIsAnError() {
        Sight sight = new Sight(room.session(), "default");
        assertThat(sight.holds(new Check(Map.of("a", "pods/no"), "a == null", "", "")))
                .isTrue();
        assertThat(sight.holds(new Check(Map.of("a", "pods/no"), "a.spec.b != 'c'", "", "")))
                .isFalse();
        assertThat(sight.holds(new Check(Map.of("a", "/no/such/path"), "a == null", "", "")))
                .isTrue();
        assertThat(sight.holds(new Check(Map.of("a", "/healthz"), "a == 'ok'", "", "")))
                .isTrue();
        assertThatThrownBy(() -> sight.holds(new Check(Map.of("a", "pots"), "true", "", "")))
                .hasMessageContaining("the server doesn't have a resource type \"pots\"");
    }
}
