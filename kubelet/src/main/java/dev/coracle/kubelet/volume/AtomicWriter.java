package dev.coracle.kubelet.volume;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.os.OpenPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

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
 *
 * <p>A container may have had this directory to write to, and whatever it put there is not to be believed: all is done
 * relative to the open directory and through no link, so a {@code ..data} that leads elsewhere leads nowhere.
 */
final class AtomicWriter {
    private static final String DATA = "..data";
    private static final String FRESH = "..data_tmp";
    private static final int DIRECTORY = 0755;

    /** @param mode permission bits; {@code owner}: -1 for root */
    record Content(byte[] bytes, int mode, long owner) {
        Content(byte[] bytes, int mode) {
            this(bytes, mode, -1);
        }
    }

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
        Tree wanted = Tree.of(files);
        try (OpenPath root = OpenPath.directory(directory)) {
            root.own(-1, group);
            root.mode(mode(group));
            // Anything but a link to a directory beside it is not from here.
            Optional<String> current =
                    root.readLink(DATA).filter(t -> t.startsWith("..") && t.indexOf('/') < 0 && t.length() > 2);
            if (current.isPresent() && shows(root, current.get(), wanted)) {
                relink(root, wanted);
                return false;
            }
            String next = version();
            try (OpenPath version = root.makeDirectory(next, mode(group))) {
                version.own(-1, group);
                version.mode(mode(group));
                write(version, wanted, group);
            }
            root.delete(FRESH);
            root.link(FRESH, next);
            if (root.readLink(DATA).isEmpty()) {
                root.delete(DATA);
            }
            root.rename(FRESH, DATA);
            relink(root, wanted);
            if (current.isPresent() && !current.get().equals(next)) {
                root.delete(current.get());
            }
            return true;
        }
    }

    private String version() {
        String stamp = DateTimeFormatter.ofPattern("yyyy_MM_dd_HH_mm_ss")
                .withZone(ZoneOffset.UTC)
                .format(environment.clock().now());
        return ".." + stamp + "." + environment.entropy().nextInt(Integer.MAX_VALUE);
    }

    /** As upstream's fsGroup sets it on a read-only volume. */
    private static int mode(long group) {
        return group >= 0 ? DIRECTORY | 02110 : DIRECTORY;
    }

    /** The files of one directory by name, and its directories. */
    private record Tree(Map<String, Content> files, Map<String, Tree> directories) {
        static Tree of(Map<String, Content> paths) {
            Tree root = new Tree(new LinkedHashMap<>(), new LinkedHashMap<>());
            paths.forEach((path, content) -> {
                Tree at = root;
                String rest = path;
                for (int slash = rest.indexOf('/'); slash >= 0; slash = rest.indexOf('/')) {
                    String part = rest.substring(0, slash);
                    rest = rest.substring(slash + 1);
                    if (!part.isEmpty() && !part.equals(".")) {
                        at = at.directories.computeIfAbsent(
                                part, p -> new Tree(new LinkedHashMap<>(), new LinkedHashMap<>()));
                    }
                }
                at.files.put(rest, content);
            });
            return root;
        }

        HashSet<String> names() {
            HashSet<String> all = new HashSet<>(files.keySet());
            all.addAll(directories.keySet());
            return all;
        }
    }

    private static void write(OpenPath directory, Tree tree, long group) throws IOException {
        for (Map.Entry<String, Content> file : tree.files.entrySet()) {
            Content content = file.getValue();
            int mode = group >= 0 ? content.mode() | 0440 : content.mode();
            directory.write(file.getKey(), content.bytes(), mode, content.owner(), group);
        }
        for (Map.Entry<String, Tree> below : tree.directories.entrySet()) {
            try (OpenPath child = directory.makeDirectory(below.getKey(), mode(group))) {
                child.own(-1, group);
                child.mode(mode(group));
                write(child, below.getValue(), group);
            }
        }
    }

    /** The names a container sees: those of the first level, each a link through {@code ..data}. */
    private static void relink(OpenPath root, Tree tree) throws IOException {
        for (String name : root.list()) {
            if (!name.startsWith("..") && !tree.names().contains(name)) {
                root.delete(name);
            }
        }
        for (String name : tree.names()) {
            String target = DATA + "/" + name;
            if (!root.readLink(name).equals(Optional.of(target))) {
                root.delete(name);
                root.link(name, target);
            }
        }
    }

    private static boolean shows(OpenPath root, String version, Tree wanted) {
        try (OpenPath directory = root.directory(version)) {
            return same(directory, wanted);
        } catch (IOException e) {
            // Gone, or not ours: the next version takes its place.
            return false;
        }
    }

    private static boolean same(OpenPath directory, Tree wanted) throws IOException {
        if (!new HashSet<>(directory.list()).equals(wanted.names())) {
            return false;
        }
        for (Map.Entry<String, Content> file : wanted.files.entrySet()) {
            byte[] bytes = file.getValue().bytes();
            Optional<byte[]> present = directory.readTail(file.getKey(), bytes.length + 1);
            if (present.isEmpty() || !Arrays.equals(present.get(), bytes)) {
                return false;
            }
        }
        for (Map.Entry<String, Tree> below : wanted.directories.entrySet()) {
            try (OpenPath child = directory.directory(below.getKey())) {
                if (!same(child, below.getValue())) {
                    return false;
                }
            }
        }
        return true;
    }
}
