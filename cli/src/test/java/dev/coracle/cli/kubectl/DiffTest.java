package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What apply would change is shown, and nothing is changed. */
class DiffTest {
    private static final String MAP =
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\ndata: {a: one, b: two}\n";

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

    private static String file(String name, String text) throws Exception {
        return Files.writeString(dir.resolve(name), text).toString();
    }

    /** The lines that say something was or will be. */
    private static String changes(TestServer.Result r) {
        return r.out().lines().filter(l -> l.matches("[+-] .*")).reduce("", (a, b) -> a + b + "\n");
    }

    @Test
    void whatWouldChangeIsShownAndTheExitCodeSaysSo() throws Exception {
        String file = file("a.yaml", MAP.replace("NAME", "a"));
        server.run("apply", "-f", file);
        assertThat(server.run("diff", "-f", file)).isEqualTo(new TestServer.Result(0, "", ""));
        file("a.yaml", MAP.replace("NAME", "a").replace("one", "three").replace(", b: two", ""));
        TestServer.Result r = server.run("diff", "-f", file);
        assertThat(r.err()).isEmpty();
        assertThat(r.code()).isEqualTo(1);
        assertThat(changes(r)).isEqualTo("-  a: one\n-  b: two\n+  a: three\n");
        assertThat(r.out()).contains("/v1.ConfigMap.default.a\t");
        assertThat(server.admin()
                        .get(Resources.CONFIG_MAPS, "default", "a")
                        .object()
                        .string("data", "a"))
                .isEqualTo("one");
        if (Files.isExecutable(TestServer.OTHER)) {
            TestServer.Result other = server.other("diff", "-f", file);
            assertThat(other.err()).isEmpty();
            assertThat(other.code()).isEqualTo(1);
            assertThat(changes(other)).isEqualTo(changes(r));
        }
        assertThat(server.run("diff", "-f", file, "-l", "app=other").code()).isZero();
    }

    @Test
    void whatIsNotThereYetIsAllNew() throws Exception {
        String file = file("b.yaml", MAP.replace("NAME", "b"));
        TestServer.Result r = server.run("diff", "-f", file);
        assertThat(r.code()).isEqualTo(1);
        assertThat(r.out()).contains("\n+  name: b\n").contains("\n+  a: one\n").doesNotContain("managedFields");
        Assertions.assertThatThrownBy(() -> server.admin().get(Resources.CONFIG_MAPS, "default", "b"))
                .isInstanceOf(StatusException.class);
        TestServer.Result serverSide = server.run("diff", "-f", file, "--server-side");
        assertThat(serverSide.code()).isEqualTo(1);
        assertThat(serverSide.out()).contains("\n+  a: one\n");
    }

    @Test
    void aSecretStaysOne() throws Exception {
        String secret = "{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {same: c2FtZQ==, other: b25l}}";
        String file = file("s.yaml", secret);
        server.run("apply", "-f", file);
        file("s.yaml", secret.replace("b25l", "dHdv"));
        TestServer.Result r = server.run("diff", "-f", file);
        assertThat(r.code()).isEqualTo(1);
        assertThat(r.out()).doesNotContain("dHdv").contains("  same: '***'");
        assertThat(changes(r)).isEqualTo("-  other: '*** (before)'\n+  other: '*** (after)'\n");
    }

    /** One would say that there is a difference. */
    @Test
    void troubleIsMoreThanOne() throws Exception {
        TestServer.Result none = server.run("diff");
        assertThat(none).isEqualTo(new TestServer.Result(2, "", "error: must specify one of -f and -k\n"));
        String bad = file("bad.yaml", MAP.replace("NAME", "Bad_Name"));
        TestServer.Result refused = server.run("diff", "-f", bad);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("Bad_Name");
    }
}
