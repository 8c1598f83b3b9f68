package dev.coracle.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.runtime.RuntimeService.ExecResult;
import dev.coracle.runtime.oci.build.BaseImage;
import dev.coracle.runtime.oci.build.BusyboxImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The busybox that is made of this machine's: what it is called, and that its users find in it what they look for. */
class BusyboxImageTest {
    @TempDir
    Path dir;

    private TestNode node;
    private BusyboxImage image;
    private String container = "";

    @BeforeEach
    void aContainerThatServesItsOwnFiles() throws IOException {
        node = new TestNode(dir);
        image = BusyboxImage.ofThisMachine();
        Path archive = dir.resolve("image.tar");
        var named = new BusyboxImage(image.contents(), List.of(TestNode.IMAGE, "busybox:latest"), image.tools());
        named.on(BaseImage.glibc()).writeTo(archive);
        node.images.loadImage(archive);
        String serve = "echo it works > /tmp/page; httpd -p 127.0.0.1:8080 -h /tmp; exec sleep 1000";
        container = node.run(node.sandbox("box"), "sh", "-c", serve);
        assertThat(sh("for i in 1 2 3 4 5 6 7 8 9; do netstat -ltn | grep -q 8080 && break; usleep 200000; done"))
                .isEqualTo("0 ");
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        if (node != null) {
            node.closeAndFindNothing();
        }
    }

    /** Exit code and all that was said. */
    private String sh(String command) {
        ExecResult r = node.runtime.execSync(container, List.of("sh", "-c", command), Duration.ofSeconds(30));
        return r.exitCode() + " " + new String(r.stdout(), StandardCharsets.UTF_8)
                + new String(r.stderr(), StandardCharsets.UTF_8);
    }

    @Test
    void it_is_called_what_it_is_and_stands_in_for_what_manifests_ask_for() {
        String banner = sh("busybox | head -n 1");
        assertThat(banner).contains(image.contents().replace(" with bash and GNU wget", ""));
        String version = image.contents().replaceFirst("BusyBox v([0-9.]+).*", "$1");
        assertThat(image.names())
                .contains("busybox:latest", "busybox:" + version)
                .allMatch(n -> n.endsWith(":latest")
                        || version.startsWith(n.substring(n.indexOf(':') + 1))
                        || n.equals("coracle/busybox:1"));

        assertThat(node.images.standIn("busybox").orElseThrow().contents()).isEqualTo(image.contents());
        assertThat(node.images.standIn("docker.io/library/busybox:1.28")).isPresent();
        assertThat(node.images.imageStatus("busybox:1.28"))
                .as("it is not there, and so a registry is asked first")
                .isEmpty();
        assertThat(node.images.standIn("busybox:no-such-tag")).isEmpty();
        assertThat(node.images.standIn("nginx")).isEmpty();
    }

    @Test
    void wget_knows_time_limits_and_long_options() {
        for (String options :
                List.of("-qO-", "-T 5 -qO-", "-qT5 -O-", "--timeout=5 -qO-", "--timeout 5 -q -O -", "--quiet -O -")) {
            assertThat(sh("wget " + options + " http://127.0.0.1:8080/page"))
                    .as(options)
                    .isEqualTo("0 it works\n");
        }
        assertThat(sh("wget --spider -q -T 2 http://127.0.0.1:8080/page")).isEqualTo("0 ");
        assertThat(sh("wget --header 'X-A: b c' -qO- http://127.0.0.1:8080/page"))
                .isEqualTo("0 it works\n");
        assertThat(sh("wget -T 2 -qO- http://127.0.0.1:8080/other"))
                .startsWith("1 ")
                .contains("404");
        assertThat(sh("wget -T 2 -qO- http://127.0.0.1:8081/")).startsWith("1 ").contains("refused");
    }

    @Test
    void nc_looks_whether_somebody_listens() {
        assertThat(sh("nc -z 127.0.0.1 8080")).isEqualTo("0 ");
        assertThat(sh("nc -zv -w 2 127.0.0.1 8080")).isEqualTo("0 127.0.0.1:8080 open\n");
        assertThat(sh("nc -z -w2 127.0.0.1 8081")).isEqualTo("1 ");
        assertThat(sh("nc -vz 127.0.0.1 8081")).startsWith("1 ").contains("refused");
        assertThat(sh("printf 'GET /page HTTP/1.0\\r\\n\\r\\n' | nc -w 2 127.0.0.1 8080"))
                .contains("it works");
    }

    @Test
    void the_rest_that_a_look_around_needs_is_there() {
        assertThat(sh("ping -c 1 127.0.0.1")).startsWith("0 ");
        assertThat(sh("nslookup localhost 127.0.0.1")).contains("127.0.0.1");
        for (String tool : List.of("vi", "top", "telnet", "tr", "awk", "sed", "ip", "traceroute", "env")) {
            assertThat(sh("command -v " + tool)).as(tool).startsWith("0 ");
        }
    }
}
