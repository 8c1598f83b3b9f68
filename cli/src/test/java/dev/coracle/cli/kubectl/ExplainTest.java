package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code explain}: every kind there is has something to say, and it is what the other kubectl says. */
class ExplainTest {
    /** A process each: so a third of the kinds, the same ones always. */
    private static final long SEED = 36;

    @TempDir
    private static Path dir;

    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer(dir);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static List<String> kinds() {
        return server.run("api-resources", "-o", "name").out().lines().toList();
    }

    @Test
    void everyKindIsExplained() {
        for (String kind : kinds()) {
            // A name that two groups have is told apart by the group, which explain takes for a field.
            TestServer.Result r = server.run("explain", kind.replaceFirst("\\..*", ""), "--recursive");
            assertThat(r.err()).as(kind).isEmpty();
            assertThat(r.out()).as(kind).contains("KIND: ", "DESCRIPTION:\n", "FIELDS:\n", "\n  kind\t<string>\n");
        }
    }

    @Test
    void itIsWhatTheOtherSays() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(TestServer.OTHER));
        List<String> kinds = new ArrayList<>(kinds().stream()
                .map(k -> k.replaceFirst("\\..*", ""))
                .distinct()
                .toList());
        Collections.shuffle(kinds, new Random(SEED));
        for (String kind : kinds.subList(0, kinds.size() / 3)) {
            same("explain", kind, "--recursive");
        }
    }

    @Test
    void fieldsAreExplainedAlike() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(TestServer.OTHER));
        for (String field : List.of(
                "pods",
                "pods.nope",
                "pods.spec.restartPolicy",
                "pods.spec.containers.resources.limits",
                "pods.metadata.labels",
                "deploy.spec.template.spec.volumes.projected",
                "frobs")) {
            same("explain", field);
        }
        same("explain", "pods", "svc");
        same("explain", "hpa.spec", "--api-version=autoscaling/v1");
    }

    private static void same(String... words) throws Exception {
        TestServer.Result ours = server.run(words);
        TestServer.Result theirs = server.other(words);
        assertThat(ours.out()).as(String.join(" ", words)).isEqualTo(theirs.out());
        assertThat(ours.err()).as(String.join(" ", words)).isEqualTo(theirs.err());
        assertThat(ours.code()).isEqualTo(theirs.code());
    }
}
