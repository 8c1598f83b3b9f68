package dev.coracle.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.kubelet.volume.AtomicWriter.Content;
import dev.coracle.machinery.env.VirtualEnvironment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a container sees of a ConfigMap, and what it cannot make the writer do. */
class AtomicWriterTest {
    @TempDir
    Path dir;

    private final AtomicWriter writer = new AtomicWriter(new VirtualEnvironment(7).environment());
    private Path volume;
    private Path outside;

    @BeforeEach
    void aDirectoryOfTheHost() throws IOException {
        volume = dir.resolve("volume");
        outside = Files.createDirectory(dir.resolve("outside"));
        Files.writeString(outside.resolve("precious"), "kept");
    }

    private static Map<String, Content> files(String... namesAndTexts) {
        Map<String, Content> files = new LinkedHashMap<>();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            files.put(namesAndTexts[i], new Content(namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8), 0644));
        }
        return files;
    }

    private void outsideIsUntouched() {
        assertThat(outside.resolve("precious")).hasContent("kept");
        assertThat(outside.toFile().list()).containsExactly("precious");
    }

    @Test
    void shows_one_version_and_then_the_next() throws IOException {
        assertThat(writer.write(volume, files("key", "one", "deep/er/key", "two", "gone", "x"), -1))
                .isTrue();
        assertThat(volume.resolve("key")).hasContent("one");
        assertThat(volume.resolve("deep/er/key")).hasContent("two");
        assertThat(writer.write(volume, files("key", "one", "deep/er/key", "two", "gone", "x"), -1))
                .isFalse();

        assertThat(writer.write(volume, files("key", "three"), -1)).isTrue();
        assertThat(volume.resolve("key")).hasContent("three");
        assertThat(volume.resolve("gone")).doesNotExist();
        assertThat(volume.resolve("deep")).doesNotExist();
        try (var versions = Files.list(volume)) {
            assertThat(versions.filter(v -> Files.isDirectory(v, LinkOption.NOFOLLOW_LINKS)))
                    .hasSize(1);
        }
    }

    @Test
    void fsGroup_owns_and_may_read() throws IOException {
        Map<String, Content> secret = Map.of("a/token", new Content(new byte[] {'t'}, 0400));
        writer.write(volume, secret, 2000);
        Path file = volume.resolve("a/token");
        assertThat(Files.getAttribute(file, "unix:mode")).isEqualTo(0100440);
        assertThat(Files.getAttribute(file, "unix:gid")).isEqualTo(2000);
        assertThat(Files.getAttribute(volume.resolve("a"), "unix:mode")).isEqualTo(042755);
        assertThat(Files.getAttribute(volume, "unix:gid")).isEqualTo(2000);
    }

    @Test
    void a_planted_data_link_leads_nowhere() throws IOException {
        for (String plant : new String[] {outside.toString(), "../outside", "..", "/"}) {
            writer.write(volume, files("key", "before"), -1);
            Files.delete(volume.resolve("..data"));
            Files.createSymbolicLink(volume.resolve("..data"), Path.of(plant));

            assertThat(writer.write(volume, files("key", "after " + plant), -1)).isTrue();
            assertThat(volume.resolve("key")).hasContent("after " + plant);
            outsideIsUntouched();
        }
        Trees.delete(volume);
        assertThat(volume).doesNotExist();
        outsideIsUntouched();
    }

    @Test
    void a_version_that_is_a_link_is_removed_as_one() throws IOException {
        writer.write(volume, files("key", "before"), -1);
        Files.delete(volume.resolve("..data"));
        Files.createSymbolicLink(volume.resolve("..trap"), outside);
        Files.createSymbolicLink(volume.resolve("..data"), Path.of("..trap"));

        writer.write(volume, files("key", "after"), -1);
        assertThat(volume.resolve("key")).hasContent("after");
        assertThat(volume.resolve("..trap")).doesNotExist();
        outsideIsUntouched();
    }

    @Test
    void directories_and_links_in_the_way_are_cleared() throws IOException {
        Files.createDirectories(volume.resolve("..data/x"));
        Files.createDirectories(volume.resolve("..data_tmp/x"));
        Files.createSymbolicLink(volume.resolve("key"), outside.resolve("precious"));
        Files.createSymbolicLink(volume.resolve("stray"), outside);

        writer.write(volume, files("key", "text"), -1);
        assertThat(volume.resolve("key")).hasContent("text");
        assertThat(volume.resolve("stray")).doesNotExist();
        outsideIsUntouched();
    }
}
