package dev.coracle.machinery.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** What a file has besides its content: owner, permission bits, device numbers, extended attributes. */
public final class Nodes {
    private static final int NOFOLLOW = 0x100;
    private static final int FIFO = 0x1000;
    private static final int CHARACTER = 0x2000;
    private static final int BLOCK = 0x6000;

    private Nodes() {}

    /** Changes the owner of {@code path} itself, also when it is a symbolic link. */
    public static void own(Path path, long uid, long gid) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(path.toString()).address();
            Kernel.call("chown " + path, Call.FCHOWNAT, Kernel.AT_FDCWD, name, uid, gid, NOFOLLOW);
        }
    }

    /** Sets the permission bits with set-uid, set-gid and sticky; follows a symbolic link. */
    public static void mode(Path path, int mode) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(path.toString()).address();
            Kernel.call("chmod " + path, Call.FCHMODAT, Kernel.AT_FDCWD, name, mode & 07777);
        }
    }

    public static void characterDevice(Path path, int major, int minor) throws IOException {
        make(path, CHARACTER, major, minor);
    }

    public static void blockDevice(Path path, int major, int minor) throws IOException {
        make(path, BLOCK, major, minor);
    }

    public static void fifo(Path path) throws IOException {
        make(path, FIFO, 0, 0);
    }

    /** Sets an extended attribute of {@code path} itself, of any name space ({@code security.capability}). */
    public static void attribute(Path path, String name, byte[] value) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(
                    "setxattr " + path + " " + name,
                    Call.LSETXATTR,
                    arena.allocateFrom(path.toString()).address(),
                    arena.allocateFrom(name).address(),
                    arena.allocateFrom(ValueLayout.JAVA_BYTE, value).address(),
                    value.length,
                    0);
        }
    }

    private static void make(Path path, int type, int major, int minor) throws IOException {
        long device = (minor & 0xff) | ((long) major << 8) | ((long) (minor & ~0xff) << 12);
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(path.toString()).address();
            Kernel.call("mknod " + path, Call.MKNODAT, Kernel.AT_FDCWD, name, type | 0600, device, 0);
        }
    }
}
