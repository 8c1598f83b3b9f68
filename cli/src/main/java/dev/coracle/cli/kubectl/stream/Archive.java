package dev.coracle.cli.kubectl.stream;

import dev.coracle.cli.kubectl.base.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A file or directory as tar has it. What comes out of a container is not trusted. */
final class Archive {
    private Archive() {}

    /** @param name what {@code file} is called in there */
    static void pack(Path file, String name, OutputStream out) throws IOException {
        try (var tar = new TarArchiveOutputStream(out)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            add(tar, file, name);
            tar.finish();
        }
    }

    private static void add(TarArchiveOutputStream tar, Path file, String name) throws IOException {
        if (Files.isSymbolicLink(file)) {
            var link = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
            link.setLinkName(Files.readSymbolicLink(file).toString());
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
            return;
        }
        boolean directory = Files.isDirectory(file);
        var entry = new TarArchiveEntry(file, directory ? name + "/" : name, LinkOption.NOFOLLOW_LINKS);
        entry.setMode(mode(Files.getPosixFilePermissions(file)));
        tar.putArchiveEntry(entry);
        if (!directory) {
            Files.copy(file, tar);
        }
        tar.closeArchiveEntry();
        if (directory) {
            try (Stream<Path> children = Files.list(file)) {
                for (Path c : children.sorted().toList()) {
                    add(tar, c, name + "/" + c.getFileName());
                }
            }
        }
    }

    private static int mode(Set<PosixFilePermission> permissions) {
        int mode = 0;
        for (PosixFilePermission p : permissions) {
            // Declared from owner's read down to others' execute, as the bits are.
            mode |= 0400 >> p.ordinal();
        }
        return mode;
    }

    /**
     * Into {@code to}, and never beside it.
     *
     * @param from the path that was archived; every entry lies there
     * @param rescue how links, which might lead elsewhere, can be had
     */
    static void unpack(InputStream in, String from, Path to, PrintStream err, String rescue) throws IOException {
        String prefix = relative(from);
        boolean told = false;
        try (var tar = new TarArchiveInputStream(in)) {
            for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
                String name = e.getName().replaceFirst("^(\\./)+", "");
                if (!name.startsWith(prefix)) {
                    throw new Failure("tar contents corrupted");
                }
                String rest = name.substring(prefix.length()).replaceFirst("^/+", "");
                Path file = rest.isEmpty() ? to : to.resolve(rest);
                if (!file.toAbsolutePath()
                        .normalize()
                        .startsWith(to.toAbsolutePath().normalize())) {
                    err.println("warning: file \"" + file.normalize() + "\" is outside target destination, skipping");
                } else if (e.isSymbolicLink() || e.isLink()) {
                    err.println("warning: skipping symlink: \"" + file + "\" -> \"" + e.getLinkName() + "\""
                            + (told ? "" : " (consider using \"" + rescue.replace("\"", "\\\"") + "\")"));
                    told = true;
                } else {
                    write(tar, e, file);
                }
            }
        }
    }

    private static void write(TarArchiveInputStream tar, TarArchiveEntry e, Path file) throws IOException {
        if (e.isDirectory()) {
            Files.createDirectories(file);
            return;
        }
        if (Files.isDirectory(file)) {
            throw new Failure("open " + file + ": is a directory");
        }
        Path parent = file.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try (OutputStream out = Files.newOutputStream(file)) {
            tar.transferTo(out);
        }
    }

    /** As tar names it: without the root, and without a way out of it. */
    private static String relative(String path) {
        return clean("/" + path).substring(1);
    }

    /** {@code a//b/./../c} is {@code a/c}. */
    static String clean(String path) {
        boolean absolute = path.startsWith("/");
        Deque<String> parts = new ArrayDeque<>();
        for (String p : path.split("/")) {
            if (p.equals("..") && !parts.isEmpty() && !parts.getLast().equals("..")) {
                parts.removeLast();
            } else if (!p.isEmpty() && !p.equals(".") && !(p.equals("..") && absolute)) {
                parts.addLast(p);
            }
        }
        String joined = String.join("/", parts);
        return absolute ? "/" + joined : joined.isEmpty() ? "." : joined;
    }
}
