package dev.coracle.runtime.oci;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.os.Nodes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** JSON trees read leniently, as documents of other programs must be, and small files written whole or not at all. */
final class Trees {
    /** For directories that are made on the way. */
    static final FileAttribute<Set<PosixFilePermission>> PRIVATE_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private Trees() {}

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(@Nullable Object tree) {
        return tree instanceof Map<?, ?> m ? (Map<String, Object>) m : Map.of();
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(@Nullable Object tree) {
        return tree instanceof List<?> l ? (List<Object>) l : List.of();
    }

    static List<String> strings(@Nullable Object tree) {
        return list(tree).stream().map(String::valueOf).toList();
    }

    static Map<String, String> stringMap(@Nullable Object tree) {
        Map<String, String> result = new LinkedHashMap<>();
        map(tree).forEach((k, v) -> result.put(k, String.valueOf(v)));
        return result;
    }

    static String string(Map<String, Object> tree, String key) {
        return tree.get(key) instanceof String s ? s : "";
    }

    static long number(Map<String, Object> tree, String key) {
        return tree.get(key) instanceof Number n ? n.longValue() : 0;
    }

    /**
     * Replaces a file as a whole. After a power cut either the old or the new content is there: the content is on the
     * disk before the name is, and the name before this returns.
     */
    static void write(Path file, Object tree) throws IOException {
        write(file, Json.bytes(tree));
    }

    static void write(Path file, byte[] content) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        writePrivate(next, content);
        sync(next);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        sync(next.resolveSibling("."));
    }

    /** Has the kernel bring a file, or the names in a directory, to the disk. */
    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Writes a file that only its owner reads: environments of containers hold passwords. */
    static void writePrivate(Path file, byte[] content) throws IOException {
        var options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        try (var channel = Files.newByteChannel(file, options, PRIVATE_FILE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    /**
     * Makes a directory that other users of the host cannot enter, so that modes within it are the containers' affair:
     * a set-uid program of an image would be one of the host's else (CVE-2021-41103). One from before is closed too.
     */
    static Path privateDirectory(Path directory) throws IOException {
        Files.createDirectories(directory, PRIVATE_DIRECTORY);
        Nodes.mode(directory, 0700);
        return directory;
    }

    /** Removes a directory and all in it; links are removed, not followed. Nothing being there is fine. */
    static void delete(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
            List<Path> children;
            try (Stream<Path> s = Files.list(root)) {
                children = s.toList();
            } catch (NoSuchFileException e) {
                return;
            }
            for (Path child : children) {
                delete(child);
            }
        }
        Files.deleteIfExists(root);
    }
}
