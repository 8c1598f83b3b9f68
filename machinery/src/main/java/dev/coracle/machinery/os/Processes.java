package dev.coracle.machinery.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** Signals and identity. */
public final class Processes {
    public static final int SIGHUP = 1;
    public static final int SIGINT = 2;
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;

    private static final String[] NAMES = {
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS"
    };

    private Processes() {}

    /** @return false when there is no such process */
    public static boolean kill(long pid, int signal) throws IOException {
        try {
            Kernel.call("kill " + pid, Call.KILL, pid, signal, 0);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ESRCH) {
                return false;
            }
            throw e;
        }
    }

    /** {@code "SIGTERM"}, {@code "term"}, {@code "15"} or {@code "RTMIN+3"}; anything else is SIGTERM. */
    public static int signal(String name) {
        String s = name.toUpperCase(java.util.Locale.ROOT);
        s = s.startsWith("SIG") ? s.substring(3) : s;
        for (int i = 1; i < NAMES.length; i++) {
            if (NAMES[i].equals(s)) {
                return i;
            }
        }
        try {
            int number = s.startsWith("RTMIN+") ? 34 + Integer.parseInt(s.substring(6)) : Integer.parseInt(s);
            return number > 0 && number <= 64 ? number : SIGTERM;
        } catch (NumberFormatException e) {
            return SIGTERM;
        }
    }

    /** The user this process runs as; 0 is root. */
    public static int uid() {
        try {
            return (int) Kernel.call("getuid", Call.GETUID, 0, 0, 0);
        } catch (ErrnoException e) {
            throw new AssertionError("getuid cannot fail", e);
        }
    }

    /** Makes orphans among this process's descendants its children ({@code PR_SET_CHILD_SUBREAPER}). */
    public static void becomeSubreaper() throws IOException {
        Kernel.call("prctl", Call.PRCTL, 36, 1, 0);
    }

    /** Collects an ended child that the JDK did not start. @return false when it has not ended */
    public static boolean reap(long pid) throws IOException {
        return Kernel.call("wait4 " + pid, Call.WAIT4, pid, 0, 1) == pid;
    }

    /** Sets the host name of the calling thread's UTS namespace. */
    static void setHostname(String name) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            Kernel.call(
                    "sethostname " + name,
                    Call.SETHOSTNAME,
                    arena.allocateFrom(name).address(),
                    bytes.length,
                    0);
        }
    }

    /** Makes {@code to} refer to what {@code from} refers to, as {@code dup2} does. */
    public static void duplicate(int from, int to) throws IOException {
        Kernel.call("dup", Call.DUP3, from, to, 0);
    }

    /** From now on what this process and its future children print goes to the end of a file. */
    public static void redirectOutput(Path file) throws IOException {
        try (var opened = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            // The JDK does not tell a channel's number, the kernel lists it.
            Path target = file.toRealPath();
            try (Stream<Path> mine = Files.list(Path.of("/proc/self/fd"))) {
                for (Path fd : mine.toList()) {
                    if (opened.isOpen() && Files.exists(fd) && Files.isSameFile(fd, target)) {
                        int number = Integer.parseInt(fd.getFileName().toString());
                        duplicate(number, 1);
                        duplicate(number, 2);
                        return;
                    }
                }
            }
        }
        throw new IOException(file + " is not among the open files");
    }
}
