package dev.coracle.machinery.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory that a stranger may write to, beside one that is none of the stranger's business. */
class OpenPathTest {
    @TempDir
    Path dir;

    private Path inside;
    private Path outside;

    @BeforeEach
    void twoDirectories() throws IOException {
        inside = Files.createDirectory(dir.resolve("inside"));
        outside = Files.createDirectory(dir.resolve("outside"));
        Files.writeString(outside.resolve("precious"), "kept");
    }

    @Test
    void deletes_links_and_not_what_they_lead_to() throws IOException {
        Files.createDirectories(inside.resolve("tree/deep"));
        Files.createSymbolicLink(inside.resolve("tree/deep/out"), outside);
        Files.createSymbolicLink(inside.resolve("link"), outside);
        try (OpenPath open = OpenPath.directory(inside)) {
            open.delete("tree");
            open.delete("link");
            open.delete("never there");
            assertThat(open.list()).isEmpty();
        }
        assertThat(outside.resolve("precious")).hasContent("kept");
    }

    @Test
    void deletes_what_is_nested_deeper_than_there_are_descriptors_and_names_of_no_alphabet() throws Exception {
        String nest = "i=0; while [ $i -lt 1500 ]; do mkdir d && cd d || exit 1; i=$((i+1)); done;"
                + " touch \"$(printf 'x\\377y')\"";
        Process sh = new ProcessBuilder("sh", "-c", "mkdir tree && cd tree && " + nest)
                .directory(inside.toFile())
                .start();
        assertThat(sh.waitFor()).isZero();
        try (OpenPath open = OpenPath.directory(inside)) {
            open.delete("tree");
            assertThat(open.list()).isEmpty();
        }
    }

    @Test
    void follows_links_that_stay_below_and_none_that_leads_out() throws IOException {
        Files.createDirectories(inside.resolve("real"));
        Files.createSymbolicLink(inside.resolve("near"), Path.of("real"));
        Files.createSymbolicLink(inside.resolve("real/up"), Path.of("../real"));
        Files.createSymbolicLink(inside.resolve("far"), Path.of("../outside"));
        Files.createSymbolicLink(inside.resolve("absolute"), outside);
        Files.createSymbolicLink(inside.resolve("magic"), Path.of("/proc/self/root"));
        try (OpenPath open = OpenPath.directory(inside)) {
            open.follow("near/up").close();
            for (String way : new String[] {"far", "far/precious", "absolute", "magic/etc", "../outside", "/etc"}) {
                assertThatThrownBy(() -> open.follow(way)).as(way).isInstanceOf(ErrnoException.class);
                assertThatThrownBy(() -> open.make(way + "/made", 0755)).as(way).isInstanceOf(IOException.class);
            }
            assertThatThrownBy(() -> open.directory("near")).isInstanceOf(ErrnoException.class);
        }
        assertThat(outside.resolve("made")).doesNotExist();
    }

    @Test
    void makes_what_is_missing_with_the_mode_whatever_the_umask() throws IOException {
        try (OpenPath open = OpenPath.directory(inside);
                OpenPath made = open.make("a/b", 02777)) {
            assertThat(Files.isDirectory(made.path())).isTrue();
        }
        assertThat(Files.getAttribute(inside.resolve("a/b"), "unix:mode")).isEqualTo(042777);
    }

    @Test
    void reads_the_end_of_a_regular_file_and_never_waits_for_a_fifo() throws IOException {
        Files.writeString(inside.resolve("words"), "first and last");
        Files.createSymbolicLink(inside.resolve("link"), outside.resolve("precious"));
        try (OpenPath open = OpenPath.directory(inside)) {
            assertThat(open.readTail("words", 4))
                    .hasValueSatisfying(b ->
                            assertThat(new String(b, StandardCharsets.UTF_8)).isEqualTo("last"));
            assertThat(open.readTail("link", 4)).isEmpty();
            assertThat(open.readTail("missing", 4)).isEmpty();
            Nodes.fifo(inside.resolve("fifo"));
            assertThat(open.readTail("fifo", 4)).isEmpty();
        }
    }
}
