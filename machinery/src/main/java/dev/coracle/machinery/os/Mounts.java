package dev.coracle.machinery.os;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code mount(2)}, {@code umount2(2)} and the table of what is mounted. */
public final class Mounts {
    public static final long READ_ONLY = 1;
    public static final long NOSUID = 2;
    public static final long NODEV = 4;
    public static final long NOEXEC = 8;
    public static final long REMOUNT = 32;
    public static final long BIND = 4096;
    public static final long RECURSIVE = 16384;
    public static final long PRIVATE = 1 << 18;
    public static final long SLAVE = 1 << 19;
    public static final long SHARED = 1 << 20;

    private static final int DETACH = 2;

    private Mounts() {}

    /** @param data the filesystem's own options, comma-separated; the kernel takes at most one page (4095 bytes) */
    public static void mount(String source, Path target, String type, long flags, String data) throws IOException {
        byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 4095) {
            throw new IOException(
                    "mount " + target + ": options of " + bytes.length + " bytes exceed the kernel's page");
        }
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(
                    "mount " + target,
                    Call.MOUNT,
                    arena.allocateFrom(source).address(),
                    arena.allocateFrom(target.toString()).address(),
                    arena.allocateFrom(type).address(),
                    flags,
                    arena.allocateFrom(data).address());
        }
    }

    /** Makes {@code source}, a file or directory, appear at {@code target}, which must exist and be of that kind. */
    public static void bind(Path source, Path target, boolean recursive) throws IOException {
        mount(source.toString(), target, "", BIND | (recursive ? RECURSIVE : 0), "");
    }

    /** Unmounts the topmost mount at {@code target}; lazily, so that one in use goes when its last user does. */
    public static void unmount(Path target) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(
                    "umount " + target,
                    Call.UMOUNT2,
                    arena.allocateFrom(target.toString()).address(),
                    DETACH,
                    0);
        }
    }

    /** Unmounts whatever is mounted at {@code target}; nothing being there is fine. */
    public static void unmountIfMounted(Path target) throws IOException {
        try {
            while (true) {
                unmount(target);
            }
        } catch (ErrnoException e) {
            if (e.errno() != ErrnoException.EINVAL && e.errno() != ErrnoException.ENOENT) {
                throw e;
            }
        }
    }

    /** The mount points at or under {@code directory}, the deepest and latest first: the order to unmount in. */
    public static List<Path> under(Path directory) {
        try {
            Path root = directory.toAbsolutePath();
            List<Path> found = new ArrayList<>();
            for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
                Path point = Path.of(unescape(line.split(" ")[4]));
                if (point.startsWith(root)) {
                    found.add(point);
                }
            }
            return found.reversed();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The kernel writes blanks, tabs, newlines and backslashes of a path as three octal digits. */
    private static String unescape(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '\\' && i + 3 < field.length()) {
                s.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                s.append(c);
            }
        }
        return s.toString();
    }
}
