package dev.coracle.kubelet.volume;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.os.Nodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Writes a directory of files so that readers see one version or the next, never a mix, as {@code
 * k8s.io/kubernetes/pkg/volume/util/atomic_writer.go} lays it out:
 *
 * <pre>
 * ..2026_11_23_21_44_00.1234/   the files of one version
 * ..data -> ..2026_11_23_21_44_00.1234
 * key -> ..data/key             what the container opens
 * </pre>
 *
 * An update makes a new directory beside the old one and renames a link over {@code ..data}: that is the moment it takes
 * effect.
 */
final class AtomicWriter {
    private static final String DATA = "..data";

    /** @param mode permission bits */
    record Content(byte[] bytes, int mode) {}

    private final Environment environment;

    AtomicWriter(Environment environment) {
        this.environment = environment;
    }

    /**
     * Makes {@code directory} show {@code files} and nothing else.
     *
     * @param files by relative path without {@code ..}
     * @param group owns the files and may read them; -1 for none
     * @return whether anything had to change
     */
    boolean write(Path directory, Map<String, Content> files, long group) throws IOException {
        Files.createDirectories(directory);
        Path link = directory.resolve(DATA);
        Path current = Files.isSymbolicLink(link) ? directory.resolve(Files.readSymbolicLink(link)) : null;
        if (current != null && same(current, files)) {
            return false;
        }
        String stamp = DateTimeFormatter.ofPattern("yyyy_MM_dd_HH_mm_ss")
                .withZone(ZoneOffset.UTC)
                .format(environment.clock().now());
        Path next = Files.createDirectory(directory.resolve(
                ".." + stamp + "." + Math.abs(environment.entropy().nextInt(Integer.MAX_VALUE))));
        Nodes.mode(next, 0755);
        for (Map.Entry<String, Content> file : files.entrySet()) {
            write(next, next.resolve(file.getKey()), file.getValue(), group);
        }
        Path fresh = directory.resolve("..data_tmp");
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, next.getFileName());
        Files.move(fresh, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        relink(directory, files.keySet());
        if (current != null) {
            Trees.delete(current);
        }
        return true;
    }

    private static void write(Path root, Path file, Content content, long group) throws IOException {
        Path parent = file.getParent();
        if (parent != null && !parent.equals(root)) {
            Files.createDirectories(parent);
            Nodes.mode(parent, 0755);
        }
        Files.write(file, content.bytes());
        if (group >= 0) {
            Nodes.own(file, -1, group);
        }
        Nodes.mode(file, group >= 0 ? content.mode() | 0440 : content.mode());
    }

    /** The names a container sees: those of the first level, each a link through {@code ..data}. */
    private static void relink(Path directory, Set<String> files) throws IOException {
        Set<String> wanted = new LinkedHashSet<>();
        files.forEach(f -> wanted.add(f.split("/")[0]));
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : entries.toList()) {
                String name = entry.getFileName().toString();
                if (!name.startsWith("..") && !wanted.contains(name)) {
                    Files.delete(entry);
                }
            }
        }
        for (String name : wanted) {
            Path visible = directory.resolve(name);
            if (!Files.exists(visible, LinkOption.NOFOLLOW_LINKS)) {
                Files.createSymbolicLink(visible, Path.of(DATA, name));
            }
        }
    }

    private static boolean same(Path current, Map<String, Content> files) throws IOException {
        try (Stream<Path> present = Files.walk(current)) {
            if (present.filter(Files::isRegularFile).count() != files.size()) {
                return false;
            }
        } catch (NoSuchFileException e) {
            return false;
        }
        for (Map.Entry<String, Content> file : files.entrySet()) {
            Path path = current.resolve(file.getKey());
            if (!Files.isRegularFile(path)
                    || !Arrays.equals(Files.readAllBytes(path), file.getValue().bytes())) {
                return false;
            }
        }
        return true;
    }
}
