package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.SystemEnvironment;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files go into and come out of a container that a test plays. */
class CopyTest {
    private static final String POD = "/api/v1/namespaces/default/pods/web";
    private static final String SUCCESS = "{\"status\":\"Success\"}";
    private static final String FAILED =
            "{\"status\":\"Failure\",\"details\":{\"causes\":[{\"reason\":\"ExitCode\"," + "\"message\":\"1\"}]}}";

    @TempDir
    private Path dir;

    private final SystemEnvironment system = new SystemEnvironment((n, e) -> e.printStackTrace());
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private ChannelServer server;
    private Path kubeconfig;

    @BeforeEach
    void start() throws Exception {
        server = new ChannelServer();
        kubeconfig = Files.writeString(dir.resolve("config"), """
                clusters: [{name: c, cluster: {server: 'http://127.0.0.1:%d'}}]
                contexts: [{name: c, context: {cluster: c}}]
                current-context: c
                """.formatted(server.port()));
        server.documents.put(POD, """
                {"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","namespace":"default"},
                 "spec":{"containers":[{"name":"main"}]},"status":{"phase":"Running"}}""");
    }

    @AfterEach
    void stop() {
        server.close();
        system.close();
    }

    private int run(String... words) {
        return new Kubectl(
                        kubeconfig,
                        system.environment(),
                        new ByteArrayInputStream(new byte[0]),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .run(List.of(words));
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** Its {@code tar c} says this archive. */
    private void holds(byte[] archive) {
        server.container = new ChannelServer.Container() {
            @Override
            public void opened(ChannelServer.Sender s) {
                s.say(1, archive);
                s.say(3, SUCCESS);
                s.end();
            }

            @Override
            public void received(ChannelServer.Sender s, int channel, byte[] bytes) {}
        };
    }

    /** Its {@code tar x} takes what comes; whether its {@code test -d} says yes is given. */
    private ByteArrayOutputStream takes(boolean directory) {
        var taken = new ByteArrayOutputStream();
        server.container = new ChannelServer.Container() {
            @Override
            public void opened(ChannelServer.Sender s) {
                if (server.upgrades.getLast().contains("command=test")) {
                    s.say(3, directory ? SUCCESS : FAILED);
                    s.end();
                }
            }

            @Override
            public void received(ChannelServer.Sender s, int channel, byte[] bytes) {
                if (channel == 0) {
                    taken.writeBytes(bytes);
                } else if (channel == 255) {
                    s.say(3, SUCCESS);
                    s.end();
                }
            }
        };
        return taken;
    }

    private static byte[] tar(String... namesAndTexts) throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(bytes)) {
            for (int i = 0; i < namesAndTexts.length; i += 2) {
                String name = namesAndTexts[i];
                String text = namesAndTexts[i + 1];
                boolean link = text.startsWith("-> ");
                TarArchiveEntry e =
                        link ? new TarArchiveEntry(name, TarConstants.LF_SYMLINK) : new TarArchiveEntry(name, true);
                if (link) {
                    e.setLinkName(text.substring(3));
                } else {
                    e.setSize(text.length());
                }
                tar.putArchiveEntry(e);
                if (!link) {
                    tar.write(text.getBytes(StandardCharsets.UTF_8));
                }
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static List<String> list(ByteArrayOutputStream archive) throws Exception {
        List<String> entries = new ArrayList<>();
        try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(archive.toByteArray()))) {
            for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
                String text = e.isSymbolicLink()
                        ? "-> " + e.getLinkName()
                        : new String(tar.readAllBytes(), StandardCharsets.UTF_8);
                entries.add(e.getName() + " " + Integer.toOctalString(e.getMode() & 0777) + " " + text);
            }
        }
        return entries;
    }

    @Test
    void aFileComesOut() throws Exception {
        holds(tar("etc/motd", "hello"));
        Path to = dir.resolve("new/motd");
        assertThat(run("cp", "web:/etc/motd", to.toString())).isZero();
        assertThat(to).hasContent("hello");
        assertThat(errors()).isEmpty();
        assertThat(server.upgrades)
                .containsExactly(POD + "/exec?container=main&stdout=true&stderr=true&command=tar&command=cf&command=-"
                        + "&command=%2Fetc%2Fmotd");
    }

    @Test
    void aDirectoryComesOut() throws Exception {
        holds(tar("data/", "", "data/a", "1", "data/empty/", "", "data/sub/b", "2"));
        Path to = dir.resolve("copy");
        assertThat(run("cp", "default/web:/data", to.toString())).isZero();
        assertThat(to.resolve("a")).hasContent("1");
        assertThat(to.resolve("sub/b")).hasContent("2");
        assertThat(to.resolve("empty")).isDirectory();
    }

    @Test
    void aWickedArchiveStaysWhereItIsPut() throws Exception {
        holds(tar("data/../../evil", "x", "data/out", "-> /etc", "data/out/passwd", "x", "data/good", "y"));
        Path to = dir.resolve("in/here");
        assertThat(run("cp", "web:/data", to.toString())).isZero();
        assertThat(errors())
                .contains("evil\" is outside target destination, skipping")
                .contains("warning: skipping symlink: \"" + to.resolve("out") + "\" -> \"/etc\"");
        assertThat(dir.resolve("evil")).doesNotExist();
        assertThat(dir.resolve("in/evil")).doesNotExist();
        assertThat(to.resolve("out")).isDirectory();
        assertThat(to.resolve("good")).hasContent("y");
        holds(tar("elsewhere/x", "x"));
        assertThat(run("cp", "web:/data", to.toString())).isEqualTo(1);
        assertThat(errors()).endsWith("error: tar contents corrupted\n");
    }

    @Test
    void aFileGoesIn() throws Exception {
        Path file = Files.writeString(dir.resolve("run.sh"), "echo");
        assertThat(file.toFile().setExecutable(true, true)).isTrue();
        ByteArrayOutputStream taken = takes(false);
        assertThat(run("cp", file.toString(), "web:/opt/start")).isZero();
        assertThat(list(taken)).hasSize(1).allMatch(e -> e.matches("start 7.. echo"));
        assertThat(server.upgrades.getLast())
                .isEqualTo(POD + "/exec?container=main&stdin=true&stdout=true&stderr=true&command=tar&command=-xmf"
                        + "&command=-&command=-C&command=%2Fopt");
    }

    @Test
    void aDirectoryGoesIntoADirectory() throws Exception {
        Path from = Files.createDirectories(dir.resolve("conf"));
        Files.writeString(from.resolve("a"), "1");
        Files.createSymbolicLink(from.resolve("b"), Path.of("a"));
        Files.createDirectories(from.resolve("sub"));
        ByteArrayOutputStream taken = takes(true);
        assertThat(run("cp", from.toString(), "web:/etc/", "--no-preserve")).isZero();
        assertThat(list(taken))
                .extracting(e -> e.replaceFirst(" [0-7]+ ", " "))
                .containsExactly("conf/ ", "conf/a 1", "conf/b -> a", "conf/sub/ ");
        assertThat(server.upgrades.getLast())
                .contains("command=--no-same-owner")
                .endsWith("command=-C&command=%2Fetc");
    }

    @Test
    void whatCannotBeCopiedSaysWhy() {
        assertThat(run("cp", "a")).isEqualTo(1);
        assertThat(run("cp", "a", "b")).isEqualTo(1);
        assertThat(run("cp", "web:/a", "web:/b")).isEqualTo(1);
        assertThat(run("cp", ":a", "b")).isEqualTo(1);
        assertThat(run("cp", "web:", "b")).isEqualTo(1);
        assertThat(run("cp", "/nowhere/at/all", "web:/b")).isEqualTo(1);
        assertThat(errors()).isEqualTo("""
                        error: source and destination are required
                        error: one of src or dest must be a remote file specification
                        error: one of src or dest must be a local file specification
                        error: filespec must match the canonical format: [[namespace/]pod:]file/path
                        error: filepath can not be empty
                        error: /nowhere/at/all doesn't exist in local filesystem
                        """);
        assertThat(server.upgrades).isEmpty();
    }
}
