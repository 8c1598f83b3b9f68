package dev.coracle.machinery.os;

import java.io.IOException;

/** A system call failed. */
public final class ErrnoException extends IOException {
    /** No such file. */
    public static final int ENOENT = 2;

    /** No such process. */
    public static final int ESRCH = 3;

    /** Interrupted by a signal. */
    public static final int EINTR = 4;

    /** What a read of a terminal gives when its other side has been closed. */
    public static final int EIO = 5;

    /** Another's turn came in between; to be tried again. */
    public static final int EAGAIN = 11;

    /** In use. */
    public static final int EBUSY = 16;

    /** Something of that name is there already. */
    public static final int EEXIST = 17;

    /** The path leads to another file system, or out of the directory that it must stay in. */
    public static final int EXDEV = 18;

    /** A file where a directory was meant. */
    public static final int ENOTDIR = 20;

    /** A directory where a file was meant. */
    public static final int EISDIR = 21;

    /** Invalid argument; for an unmount: not a mount point. */
    public static final int EINVAL = 22;

    /** Too many symbolic links, or one where none may be. */
    public static final int ELOOP = 40;

    private final int errno;

    ErrnoException(String what, int errno) {
        super(what + ": " + text(errno));
        this.errno = errno;
    }

    /** The number, as {@code errno(3)} lists them. */
    public int errno() {
        return errno;
    }

    private static String text(int errno) {
        return switch (errno) {
            case 1 -> "operation not permitted";
            case ENOENT -> "no such file or directory";
            case ESRCH -> "no such process";
            case EINTR -> "interrupted system call";
            case EIO -> "input/output error";
            case 9 -> "bad file descriptor";
            case 13 -> "permission denied";
            case EBUSY -> "device or resource busy";
            case EEXIST -> "file exists";
            case EXDEV -> "the path leads elsewhere";
            case ENOTDIR -> "not a directory";
            case EISDIR -> "is a directory";
            case EINVAL -> "invalid argument";
            case 24 -> "too many open files";
            case 28 -> "no space left on device";
            case 32 -> "broken pipe";
            case 36 -> "file name too long";
            case 39 -> "directory not empty";
            case ELOOP -> "too many levels of symbolic links";
            case 95 -> "operation not supported";
            case 111 -> "connection refused";
            default -> "errno " + errno;
        };
    }
}
