package dev.coracle.runtime.oci.build;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * The content of one layer. Paths are absolute in the image. Directories above an entry need not be given: where the
 * layers below have none, they are made with mode 0755; where those have a link ({@code /lib -> usr/lib}), it is followed.
 */
public final class Layer {
    private final TreeMap<String, Entry> entries = new TreeMap<>();

    private sealed interface Entry {}

    private record Directory(int mode, int uid, int gid) implements Entry {}

    private record Link(String target) implements Entry {}

    private record Content(byte[] bytes, int mode, int uid, int gid) implements Entry {}

    private record Copy(Path source, int mode, int uid, int gid) implements Entry {}

    /** @param mode permission bits, with 01000 for sticky */
    public Layer directory(String path, int mode, int uid, int gid) {
        return put(path, new Directory(mode, uid, gid));
    }

    public Layer symlink(String path, String target) {
        return put(path, new Link(target));
    }

    public Layer file(String path, byte[] content, int mode) {
        return put(path, new Content(content, mode, 0, 0));
    }

    public Layer text(String path, String content) {
        return file(path, content.getBytes(StandardCharsets.UTF_8), 0644);
    }

    /** A copy of a file of this machine, links followed. */
    public Layer copy(Path source, String path, int mode) {
        return put(path, new Copy(source, mode, 0, 0));
    }

    /** A copy of a directory and all in it; owned by root, executable where it is for its owner, links kept. */
    public Layer copyTree(Path source, String path) throws IOException {
        return copyTree(source, path, 0, 0);
    }

    public Layer copyTree(Path source, String path, int uid, int gid) throws IOException {
        try (Stream<Path> all = Files.walk(source)) {
            for (Path file : all.toList()) {
                String relative = source.relativize(file).toString();
                String target = relative.isEmpty() ? path : path + "/" + relative;
                if (Files.isSymbolicLink(file)) {
                    symlink(target, Files.readSymbolicLink(file).toString());
                } else if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                    directory(target, 0755, uid, gid);
                } else {
                    put(target, new Copy(file, Files.isExecutable(file) ? 0755 : 0644, uid, gid));
                }
            }
        }
        return this;
    }

    /** The files of this machine that it copies. */
    public List<Path> sources() {
        return entries.values().stream()
                .filter(Copy.class::isInstance)
                .map(e -> ((Copy) e).source)
                .toList();
    }

    boolean has(String path) {
        return entries.containsKey(name(path));
    }

    private Layer put(String path, Entry entry) {
        entries.put(name(path), entry);
        return this;
    }

    private static String name(String path) {
        return Path.of("/").relativize(Path.of("/" + path).normalize()).toString();
    }

    /** Writes the tar: sorted by path, times zero. */
    void write(OutputStream out) throws IOException {
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        for (Map.Entry<String, Entry> e : entries.entrySet()) {
            switch (e.getValue()) {
                case Directory d -> header(tar, e.getKey() + "/", TarConstants.LF_DIR, d.mode, d.uid, d.gid, 0);
                case Link l -> {
                    TarArchiveEntry entry = entry(e.getKey(), TarConstants.LF_SYMLINK, 0777, 0, 0, 0);
                    entry.setLinkName(l.target);
                    tar.putArchiveEntry(entry);
                    tar.closeArchiveEntry();
                }
                case Content c -> {
                    try (InputStream in = new ByteArrayInputStream(c.bytes)) {
                        file(tar, e.getKey(), in, c.bytes.length, c.mode, List.of(c.uid, c.gid));
                    }
                }
                case Copy c -> {
                    try (InputStream in = Files.newInputStream(c.source)) {
                        file(tar, e.getKey(), in, Files.size(c.source), c.mode, List.of(c.uid, c.gid));
                    }
                }
            }
        }
        tar.finish();
        tar.flush();
    }

    private static void file(
            TarArchiveOutputStream tar, String name, InputStream in, long size, int mode, List<Integer> owner)
            throws IOException {
        tar.putArchiveEntry(entry(name, TarConstants.LF_NORMAL, mode, owner.getFirst(), owner.getLast(), size));
        in.transferTo(tar);
        tar.closeArchiveEntry();
    }

    private static void header(
            TarArchiveOutputStream tar, String name, byte type, int mode, int uid, int gid, long size)
            throws IOException {
        tar.putArchiveEntry(entry(name, type, mode, uid, gid, size));
        tar.closeArchiveEntry();
    }

    private static TarArchiveEntry entry(String name, byte type, int mode, int uid, int gid, long size) {
        TarArchiveEntry entry = new TarArchiveEntry(name, type);
        entry.setMode(mode);
        entry.setIds(uid, gid);
        entry.setNames("", "");
        entry.setModTime(0L);
        entry.setSize(size);
        return entry;
    }
}
