package dev.coracle.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** On a small tree in the shape of a built one; no rehearsal, which needs the real FlowForge. */
class FlowForgeImagesTest {
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    @TempDir
    Path dir;

    private Path dist;
    private Path jar;

    @BeforeEach
    void aBuiltTree() throws IOException {
        dist = dir.resolve("dist");
        Path target = dist.resolve("flowforge/target");
        Files.createDirectories(target.resolve("lib"));
        Files.createDirectories(target.resolve("postgresql"));
        Files.createDirectories(dist.resolve("flowforge/images/postgresql"));
        Files.writeString(dist.resolve("flowforge/images/postgresql/entrypoint.sh"), "#!/bin/sh\nexec postgres\n");
        jar = target.resolve("flowforge-1.0.jar");
        Files.writeString(jar, "code");
        Files.writeString(target.resolve("lib/library.jar"), "library");
        Files.write(target.resolve("postgresql/binaries.jar"), postgresql());
    }

    private static byte[] postgresql() throws IOException {
        var txz = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(new XZOutputStream(txz, new LZMA2Options(0)))) {
            for (String name : List.of("bin/postgres", "lib/libpq.a", "include/pg.h", "lib/pkgconfig/libpq.pc")) {
                byte[] content = name.getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry("./" + name);
                entry.setSize(content.length);
                entry.setMode(0755);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        var jar = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(jar)) {
            zip.putNextEntry(new ZipEntry("postgres-linux-x86_64.txz"));
            zip.write(txz.toByteArray());
        }
        return jar.toByteArray();
    }

    private List<ImageFile> build(String cache) throws IOException {
        return new FlowForgeImages(dist, JAVA_HOME, dir.resolve(cache), false).build();
    }

    @Test
    void equalInputsGiveEqualImagesAndTheSecondBuildTakesThemFromTheCache() throws IOException {
        List<ImageFile> first = build("cache");
        List<ImageFile> elsewhere = build("another-cache");
        assertThat(elsewhere.stream().map(ImageFile::ids))
                .containsExactlyElementsOf(first.stream().map(ImageFile::ids).toList());
        for (int i = 0; i < first.size(); i++) {
            assertThat(elsewhere.get(i).archive())
                    .hasSameBinaryContentAs(first.get(i).archive());
        }

        Map<Path, FileTime> before = times();
        assertThat(build("cache")).isEqualTo(first);
        assertThat(times()).isEqualTo(before);

        Files.writeString(jar, "edoc");
        List<ImageFile> changed = build("cache");
        assertThat(changed.get(0)).isEqualTo(first.get(0));
        assertThat(changed.get(1)).isEqualTo(first.get(1));
        assertThat(changed.get(2)).isNotEqualTo(first.get(2));
        assertThat(first.get(2).archive()).as("the outdated archive").doesNotExist();

        versionsShareAllLayers(changed.get(2));
        postgresqlIsLean(changed.get(1));
    }

    private Map<Path, FileTime> times() throws IOException {
        Map<Path, FileTime> times = new TreeMap<>();
        try (Stream<Path> files = Files.list(dir.resolve("cache"))) {
            for (Path f : files.filter(f -> f.toString().endsWith(".tar")).toList()) {
                times.put(f, Files.getLastModifiedTime(f));
            }
        }
        return times;
    }

    private static void versionsShareAllLayers(ImageFile services) throws IOException {
        assertThat(services.ids().keySet())
                .containsExactlyInAnyOrder(
                        "flowforge/api-service:v1", "flowforge/api-service:v2", "flowforge/worker-service:v1");
        assertThat(services.ids().values()).doesNotHaveDuplicates();
        Map<String, byte[]> entries = entries(services);
        List<Object> layers = new ArrayList<>();
        if (Json.parse(entries.getOrDefault("manifest.json", new byte[0])) instanceof List<?> images) {
            images.forEach(i -> layers.add(((Map<?, ?>) i).get("Layers")));
        }
        assertThat(layers).hasSize(3).containsOnly(layers.getFirst());
        assertThat(entries.keySet()).filteredOn(n -> n.endsWith(".tar.gz")).hasSize(3);
        assertThat(entries.values().stream().map(b -> new String(b, StandardCharsets.UTF_8)))
                .anyMatch(c -> c.contains("FLOWFORGE_VERSION=v1"))
                .anyMatch(c -> c.contains("FLOWFORGE_VERSION=v2"));
    }

    private static void postgresqlIsLean(ImageFile postgresql) throws IOException {
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, byte[]> layer : entries(postgresql).entrySet()) {
            if (layer.getKey().endsWith(".tar.gz")) {
                try (var tar = new TarArchiveInputStream(
                        new java.util.zip.GZIPInputStream(new java.io.ByteArrayInputStream(layer.getValue())))) {
                    for (var e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
                        names.add(e.getName());
                    }
                }
            }
        }
        assertThat(names)
                .contains("usr/local/pgsql/bin/postgres", "usr/local/bin/entrypoint.sh", "etc/passwd")
                .noneMatch(n -> n.endsWith(".a") || n.endsWith(".h") || n.endsWith(".pc"));
    }

    private static Map<String, byte[]> entries(ImageFile file) throws IOException {
        Map<String, byte[]> entries = new TreeMap<>();
        try (var tar = new TarArchiveInputStream(Files.newInputStream(file.archive()))) {
            for (var e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
                entries.put(e.getName(), tar.readAllBytes());
            }
        }
        return entries;
    }

    @Test
    void aTreeThatIsNotBuiltIsToldPlainly() throws IOException {
        Files.delete(dist.resolve("flowforge/target/postgresql/binaries.jar"));
        assertThatThrownBy(() -> build("cache"))
                .hasMessageContaining("binaries.jar is missing")
                .hasMessageContaining("mvn package");
    }
}
