package dev.coracle.machinery.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A directory or file that is held open, so that nobody can put another in its place between a look and a deed. It is
 * for directories that a container may write to: a path names whatever lies there at the moment of each call, a
 * descriptor always the same thing. Names are looked up below it by the kernel with {@code openat2(2)}, which refuses to
 * follow a link at all, or to follow one out.
 *
 * <pre>{@code
 * try (OpenPath volume = OpenPath.directory(Path.of("/pods/1/volumes/data"))) {
 *     volume.delete("old");                          // a link goes, what it points to stays
 *     try (OpenPath sub = volume.follow("a/b")) {    // a -> ../../etc: ErrnoException EXDEV
 *         Mounts.bind(sub.path(), target, false);    // mounts what was looked at
 *     }
 * }
 * }</pre>
 */
public final class OpenPath implements AutoCloseable {
    private static final long NO_XDEV = 1;
    private static final long NO_MAGICLINKS = 2;
    private static final long NO_SYMLINKS = 4;
    private static final long BENEATH = 8;
    private static final int REMOVE_DIRECTORY = 0x200;
    private static final int NO_REPLACE = 1;
    private static final int READ_DIRECTORY = Kernel.O_RDONLY | Kernel.O_DIRECTORY;

    /** How many directories {@link #delete} holds open at a time; what lies deeper is moved up first. */
    private static final int DEEPEST = 64;

    private final int number;

    private OpenPath(int number) {
        this.number = number;
    }

    /** @param path of a directory; links on the way are followed, so it must be one that only this process arranges */
    public static OpenPath directory(Path path) throws IOException {
        return new OpenPath(Kernel.open(path.toString(), READ_DIRECTORY));
    }

    /** A directory below; no link on the way is followed. */
    public OpenPath directory(String relative) throws IOException {
        return new OpenPath(open(bytes(relative), READ_DIRECTORY, 0, BENEATH | NO_SYMLINKS));
    }

    /**
     * What lies below, of any kind, unread. Links are followed as long as they stay below; one that leads out, and any
     * absolute one, is refused.
     */
    public OpenPath follow(String relative) throws IOException {
        return new OpenPath(open(bytes(relative), Kernel.O_PATH, 0, BENEATH | NO_MAGICLINKS));
    }

    /** As {@link #follow}; directories that are missing are made, with {@code mode}. */
    public OpenPath make(String relative, int mode) throws IOException {
        try {
            return follow(relative);
        } catch (ErrnoException e) {
            if (e.errno() != ErrnoException.ENOENT) {
                throw e;
            }
        }
        String done = ".";
        for (String part : relative.split("/")) {
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            String next = done + "/" + part;
            try {
                follow(next).close();
            } catch (ErrnoException e) {
                if (e.errno() != ErrnoException.ENOENT) {
                    throw e;
                }
                try (OpenPath parent = follow(done)) {
                    parent.makeDirectory(part, mode).close();
                }
            }
            done = next;
        }
        return follow(relative);
    }

    /** A path of this very thing, for calls that take one. It is good while this is open. */
    public Path path() {
        return Path.of("/proc/self/fd", String.valueOf(number));
    }

    /** The names in this directory but {@code .} and {@code ..}; those that are not UTF-8 are no names of ours. */
    public List<String> list() throws IOException {
        return names().stream().map(n -> new String(n, StandardCharsets.UTF_8)).toList();
    }

    /** What the link {@code name} says; empty when it is no link. */
    public Optional<String> readLink(String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(4096);
            int n = (int) Kernel.call(
                    "readlink " + name, Call.READLINKAT, number, text(arena, bytes(name)), buffer.address(), 4096, 0);
            byte[] target = buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
            return Optional.of(new String(target, StandardCharsets.UTF_8));
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ENOENT || e.errno() == ErrnoException.EINVAL) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * The end of a regular file below; empty when there is none: a link, a FIFO or a device is not one, and is not
     * opened, since that alone may wait for ever or do something.
     *
     * @param most bytes
     */
    public Optional<byte[]> readTail(String relative, int most) throws IOException {
        int file;
        try {
            file = open(bytes(relative), Kernel.O_PATH, 0, BENEATH | NO_SYMLINKS);
        } catch (ErrnoException e) {
            int why = e.errno();
            if (why == ErrnoException.ENOENT || why == ErrnoException.ENOTDIR || why == ErrnoException.ELOOP) {
                return Optional.empty();
            }
            throw e;
        }
        try (OpenPath opened = new OpenPath(file)) {
            if (!Files.isRegularFile(opened.path())) {
                return Optional.empty();
            }
            try (FileChannel channel = FileChannel.open(opened.path(), StandardOpenOption.READ)) {
                ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(most, channel.size()));
                channel.position(channel.size() - buffer.capacity());
                while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                    // Until it is full, or the file has been cut meanwhile.
                }
                return Optional.of(Arrays.copyOf(buffer.array(), buffer.position()));
            }
        }
    }

    /** Makes a directory and opens it. @param mode whatever the umask says */
    public OpenPath makeDirectory(String name, int mode) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call("mkdir " + name, Call.MKDIRAT, number, text(arena, bytes(name)), 0700);
        }
        OpenPath made = directory(name);
        try {
            made.mode(mode);
            return made;
        } catch (IOException e) {
            made.close();
            throw e;
        }
    }

    /** Makes a file that was not there. @param owner and {@code group}: -1 leaves it */
    public void write(String name, byte[] content, int mode, long owner, long group) throws IOException {
        int flags = Kernel.O_WRONLY | Kernel.O_CREAT | Kernel.O_EXCL;
        int file = open(bytes(name), flags, 0600, BENEATH | NO_SYMLINKS);
        try (Descriptor writing = new Descriptor(file)) {
            writing.write(content, 0, content.length);
            own(file, owner, group);
            Kernel.call("chmod " + name, Call.FCHMOD, file, mode & 07777, 0);
        }
    }

    /** Changes owner and group of this; -1 leaves one. */
    public void own(long owner, long group) throws IOException {
        own(number, owner, group);
    }

    private static void own(int file, long owner, long group) throws IOException {
        if (owner >= 0 || group >= 0) {
            Kernel.call("chown", Call.FCHOWN, file, owner, group);
        }
    }

    public void mode(int mode) throws IOException {
        Kernel.call("chmod", Call.FCHMOD, number, mode & 07777, 0);
    }

    /** Makes a symbolic link. */
    public void link(String name, String target) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(
                    "symlink " + name, Call.SYMLINKAT, text(arena, bytes(target)), number, text(arena, bytes(name)));
        }
    }

    /** Renames within this directory; a file or link of the new name is replaced in the same instant. */
    public void rename(String from, String to) throws IOException {
        rename(bytes(from), this, bytes(to), 0);
    }

    private void rename(byte[] from, OpenPath into, byte[] to, int flags) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(
                    "rename " + new String(from, StandardCharsets.UTF_8),
                    Call.RENAMEAT2,
                    number,
                    text(arena, from),
                    into.number,
                    text(arena, to),
                    flags);
        }
    }

    /**
     * Deletes {@code name} and all below it; nothing being there is fine. Links go, what they point to stays. It does
     * not enter what is mounted there: then it fails.
     */
    public void delete(String name) throws IOException {
        delete(bytes(name), 0, this);
    }

    /**
     * A container can nest directories deeper than there are descriptors (or than a thread's stack), so from
     * {@link #DEEPEST} on a directory is moved to the top of the tree and deleted from there.
     */
    private void delete(byte[] name, int depth, OpenPath top) throws IOException {
        if (unlink(name, 0)) {
            return;
        }
        if (depth == DEEPEST) {
            moveUp(name, top);
            return;
        }
        try (OpenPath child = new OpenPath(open(name, READ_DIRECTORY, 0, BENEATH | NO_SYMLINKS | NO_XDEV))) {
            OpenPath attic = depth == 0 ? child : top;
            for (List<byte[]> names = child.names(); !names.isEmpty(); names = child.names()) {
                for (byte[] n : names) {
                    child.delete(n, depth + 1, attic);
                }
            }
        }
        unlink(name, REMOVE_DIRECTORY);
    }

    private void moveUp(byte[] name, OpenPath top) throws IOException {
        for (int i = 0; ; i++) {
            try {
                rename(name, top, bytes("..deep-" + i), NO_REPLACE);
                return;
            } catch (ErrnoException e) {
                if (e.errno() != ErrnoException.EEXIST) {
                    throw e;
                }
            }
        }
    }

    /** @return false when it is a directory and was to be none */
    private boolean unlink(byte[] name, int flags) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            String what = "delete " + new String(name, StandardCharsets.UTF_8);
            Kernel.call(what, Call.UNLINKAT, number, text(arena, name), flags);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.EISDIR) {
                return false;
            }
            if (e.errno() == ErrnoException.ENOENT) {
                return true;
            }
            throw e;
        }
    }

    /** As bytes: the JDK's texts cannot carry every name that a container may have made. */
    private List<byte[]> names() throws IOException {
        List<byte[]> found = new ArrayList<>();
        // A description of its own, since reading moves its position.
        try (OpenPath fresh = new OpenPath(open(bytes("."), READ_DIRECTORY, 0, BENEATH | NO_SYMLINKS));
                Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(32 * 1024, 8);
            while (true) {
                long n = Kernel.call("list", Call.GETDENTS64, fresh.number, buffer.address(), buffer.byteSize());
                if (n == 0) {
                    return found;
                }
                // struct linux_dirent64: inode 8, offset 8, length 2, type 1, then the name with its NUL.
                for (long at = 0; at < n; at += buffer.get(ValueLayout.JAVA_SHORT, at + 16) & 0xffff) {
                    long end = at + 19;
                    while (buffer.get(ValueLayout.JAVA_BYTE, end) != 0) {
                        end++;
                    }
                    byte[] name = buffer.asSlice(at + 19, end - at - 19).toArray(ValueLayout.JAVA_BYTE);
                    if (!Arrays.equals(name, new byte[] {'.'}) && !Arrays.equals(name, new byte[] {'.', '.'})) {
                        found.add(name);
                    }
                }
            }
        }
    }

    private int open(byte[] relative, int flags, int mode, long resolve) throws IOException {
        String what = "open " + new String(relative, StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            // struct open_how
            MemorySegment how = arena.allocate(24, 8);
            how.set(ValueLayout.JAVA_LONG, 0, flags | Kernel.O_CLOEXEC);
            how.set(ValueLayout.JAVA_LONG, 8, mode);
            how.set(ValueLayout.JAVA_LONG, 16, resolve);
            long name = text(arena, relative);
            for (int attempt = 0; ; attempt++) {
                try {
                    return (int) Kernel.call(what, Call.OPENAT2, number, name, how.address(), 24, 0);
                } catch (ErrnoException e) {
                    // The kernel gives up on ".." while somebody renames directories; a container might for ever.
                    if (e.errno() != ErrnoException.EAGAIN || attempt == 100) {
                        throw e;
                    }
                }
            }
        }
    }

    private static byte[] bytes(String name) throws IOException {
        if (name.indexOf('\0') >= 0) {
            throw new IOException("a file name cannot contain NUL");
        }
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static long text(Arena arena, byte[] name) {
        MemorySegment s = arena.allocate(name.length + 1L);
        MemorySegment.copy(name, 0, s, ValueLayout.JAVA_BYTE, 0, name.length);
        return s.address();
    }

    @Override
    public void close() {
        Kernel.close(number);
    }
}
