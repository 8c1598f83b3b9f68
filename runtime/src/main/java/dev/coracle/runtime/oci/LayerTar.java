package dev.coracle.runtime.oci;

import dev.coracle.machinery.os.Nodes;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Applies one layer's changes to a root directory (OCI image spec, "Filesystem Layers"). The root is the overlay of all
 * layers below, mounted writable, so deletions are plain deletions here and the kernel records them; and a path through
 * a symbolic link of a lower layer ({@code bin -> usr/bin}) leads where it leads in the container.
 *
 * <p>Nothing an archive says can reach outside the root: links are resolved as if the root were {@code /}.
 */
final class LayerTar {
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";

    private final Path root;
    private final boolean withOwners;
    /** Set at the end, because writing into a directory changes its time. */
    private final Map<Path, FileTime> directoryTimes = new LinkedHashMap<>();

    /** @param withOwners false: everything belongs to the caller, who is not root */
    LayerTar(Path root, boolean withOwners) {
        this.root = root;
        this.withOwners = withOwners;
    }

    /** The plain bytes of a stream that may be gzip'd. */
    static InputStream decompressed(InputStream in) throws IOException {
        PushbackInputStream peek = new PushbackInputStream(in, 4);
        byte[] magic = peek.readNBytes(4);
        peek.unread(magic);
        if (magic.length >= 2 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b) {
            return new GZIPInputStream(peek, 64 * 1024);
        }
        if (magic.length == 4 && (magic[0] & 0xff) == 0x28 && (magic[1] & 0xff) == 0xb5) {
            throw new IOException("zstd-compressed layers are not supported");
        }
        return peek;
    }

    void apply(InputStream tar) throws IOException {
        TarArchiveInputStream entries = new TarArchiveInputStream(tar, StandardCharsets.UTF_8.name());
        for (TarArchiveEntry e = entries.getNextEntry(); e != null; e = entries.getNextEntry()) {
            apply(e, entries);
        }
        for (var entry : directoryTimes.entrySet()) {
            if (Files.isDirectory(entry.getKey(), LinkOption.NOFOLLOW_LINKS)) {
                Files.setLastModifiedTime(entry.getKey(), entry.getValue());
            }
        }
    }

    private void apply(TarArchiveEntry entry, InputStream content) throws IOException {
        Path relative = RootedPath.clean(entry.getName());
        if (relative.toString().isEmpty()) {
            if (entry.isDirectory()) {
                attributes(entry, root);
            }
            return;
        }
        Path parent = RootedPath.resolve(root, relative.getParent() == null ? Path.of("") : relative.getParent());
        String name = relative.getFileName().toString();
        if (name.equals(OPAQUE)) {
            if (Files.isDirectory(parent)) {
                try (Stream<Path> children = Files.list(parent)) {
                    for (Path child : children.toList()) {
                        Trees.delete(child);
                    }
                }
            }
            return;
        }
        if (name.startsWith(WHITEOUT)) {
            if (!name.startsWith(WHITEOUT + WHITEOUT)) {
                Trees.delete(parent.resolve(name.substring(WHITEOUT.length())));
            }
            return;
        }
        makeParents(parent);
        Path target = parent.resolve(name);
        boolean keep = entry.isDirectory() && Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS);
        if (!keep) {
            Trees.delete(target);
        }
        if (make(entry, target, content, keep)) {
            attributes(entry, target);
        }
    }

    /** Those that the archive does not name are for everybody, whatever our umask is. */
    private static void makeParents(Path directory) throws IOException {
        Path above = directory.getParent();
        if (above != null && !Files.isDirectory(directory)) {
            makeParents(above);
            Files.createDirectory(directory);
            Nodes.mode(directory, 0755);
        }
    }

    /** @return false when the target has its attributes from elsewhere */
    private boolean make(TarArchiveEntry entry, Path target, InputStream content, boolean exists) throws IOException {
        if (entry.isDirectory()) {
            if (!exists) {
                Files.createDirectory(target);
            }
        } else if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Path other = RootedPath.clean(entry.getLinkName());
            Path directory = RootedPath.resolve(root, other.getParent() == null ? Path.of("") : other.getParent());
            Files.createLink(target, directory.resolve(other.getFileName()));
            return false;
        } else if (entry.isCharacterDevice()) {
            if (!withOwners) {
                return false;
            }
            Nodes.characterDevice(target, entry.getDevMajor(), entry.getDevMinor());
        } else if (entry.isBlockDevice()) {
            if (!withOwners) {
                return false;
            }
            Nodes.blockDevice(target, entry.getDevMajor(), entry.getDevMinor());
        } else if (entry.isFIFO()) {
            Nodes.fifo(target);
        } else {
            Files.copy(content, target);
        }
        return true;
    }

    private void attributes(TarArchiveEntry entry, Path target) throws IOException {
        if (withOwners) {
            Nodes.own(target, entry.getLongUserId(), entry.getLongGroupId());
        }
        if (entry.isSymbolicLink()) {
            return;
        }
        // After the owner, because a change of owner clears set-uid and file capabilities.
        Nodes.mode(target, entry.getMode());
        if (withOwners) {
            for (var header : entry.getExtraPaxHeaders().entrySet()) {
                if (header.getKey().startsWith("SCHILY.xattr.")) {
                    String name = header.getKey().substring("SCHILY.xattr.".length());
                    // Capabilities hold NUL and 0xff bytes; commons-compress hands all headers over as UTF-8 text, and
                    // a set that is not valid UTF-8 would be a different set.
                    byte[] value = header.getValue().getBytes(StandardCharsets.UTF_8);
                    if (header.getValue().indexOf('\uFFFD') < 0) {
                        Nodes.attribute(target, name, value);
                    }
                }
            }
        }
        FileTime modified = entry.getLastModifiedTime();
        if (entry.isDirectory()) {
            directoryTimes.put(target, modified);
        } else {
            Files.setLastModifiedTime(target, modified);
        }
    }
}
