package dev.coracle.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.os.Nodes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a container wrote, which may be much, or no file at all. */
class LastWordsTest {
    @TempDir
    Path dir;

    private Path file;

    @BeforeEach
    void nothingYet() {
        file = dir.resolve("0");
    }

    @Test
    void the_end_of_a_message_is_told() throws IOException {
        Files.writeString(file, "x".repeat(5000) + "end");
        assertThat(LastWords.message(file)).hasSize(4096).endsWith("xend");
        assertThat(LastWords.message(dir.resolve("none/at/all"))).isEmpty();
        assertThat(LastWords.message(dir.resolve("none"))).isEmpty();
    }

    @Test
    void a_file_larger_than_the_heap_costs_no_more_than_its_end() throws IOException {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(1L << 40);
            sparse.seek(sparse.length());
            sparse.writeBytes(" stdout F the end\n");
        }
        assertThat(LastWords.message(file)).hasSize(4096).endsWith("the end\n");
        assertThat(LastWords.log(file)).isEqualTo("the end\n");
    }

    @Test
    void links_fifos_and_devices_say_nothing_and_nobody_waits_for_them() throws IOException {
        Files.createSymbolicLink(file, Path.of("/etc/passwd"));
        assertThat(LastWords.message(file)).isEmpty();
        Files.delete(file);
        Nodes.fifo(file);
        assertThat(LastWords.message(file)).isEmpty();
        assertThat(LastWords.log(file)).isEmpty();
        assertThat(LastWords.message(Path.of("/dev/zero"))).isEmpty();
    }

    @Test
    void a_last_line_without_an_end_gets_none() throws IOException {
        Files.writeString(file, """
                2026-11-26T22:00:00.000000000Z stdout F first
                2026-11-26T22:00:00.000000000Z stdout P DONE
                2026-11-26T22:00:00.000000000Z stdout F\s
                """);
        assertThat(LastWords.log(file)).isEqualTo("first\nDONE");
    }

    @Test
    void of_a_log_the_last_lines_are_told_without_time_and_stream() throws IOException {
        Files.writeString(file, """
                2026-11-26T22:00:00.000000000Z stdout F first
                2026-11-26T22:00:00.000000000Z stderr P in two
                2026-11-26T22:00:00.000000000Z stderr F  parts
                """);
        assertThat(LastWords.log(file)).isEqualTo("first\nin two parts\n");

        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            many.append("2026-11-26T22:00:00.000000000Z stdout F line ")
                    .append(i)
                    .append('\n');
        }
        Files.writeString(file, many);
        assertThat(LastWords.log(file).lines()).hasSize(80).first().isEqualTo("line 920");

        Files.writeString(file, "2026-11-26T22:00:00.000000000Z stdout F " + "y".repeat(10_000) + "\n");
        assertThat(LastWords.log(file)).hasSize(2048).endsWith("y\n");
    }

    @Test
    void the_messages_of_a_pod_share_twelve_kilobytes() {
        assertThat(LastWords.share("m".repeat(4096), 3)).hasSize(4096);
        assertThat(LastWords.share("m".repeat(4096), 6)).hasSize(2048);
        assertThat(LastWords.share("é".repeat(2000), 5)).hasSize(1228);
    }
}
