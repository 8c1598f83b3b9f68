package dev.coracle.machinery.os;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
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

    /**
     * When a process began, in clock ticks since the machine's boot: with its id it names the process for good, since
     * ids are used again. It is the 22nd field of its stat line, counted after the name in parentheses.
     *
     * @return 0 when there is no such process, or only what its parent has not collected yet
     */
    public static long startTime(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return fields[0].equals("Z") ? 0 : Long.parseLong(fields[19]);
        } catch (IOException e) {
            return 0;
        }
    }

    /**
     * Waits until a process has ended, be it whose child it may.
     *
     * @return false when {@code limit} passed first
     */
    public static boolean awaitEnd(long pid, Duration limit) throws IOException {
        int process;
        try {
            process = (int) Kernel.call("pidfd_open " + pid, Call.PIDFD_OPEN, pid, 0, 0);
        } catch (ErrnoException e) {
            if (e.errno() == ErrnoException.ESRCH) {
                return true;
            }
            throw e;
        }
        // The wait holds the kernel thread under it: a virtual thread would take one from all others.
        var ended = new FutureTask<>(() -> {
            try {
                return poll(process, limit);
            } finally {
                Kernel.close(process);
            }
        });
        Thread.ofPlatform().name("process-end").daemon().start(ended);
        try {
            return ended.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** A process's descriptor is readable when the process has ended. */
    private static boolean poll(int process, Duration limit) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            // struct pollfd: the number, what is wanted (POLLIN), what came. The kernel counts the time down.
            MemorySegment wanted = arena.allocate(8, 8);
            wanted.set(ValueLayout.JAVA_INT, 0, process);
            wanted.set(ValueLayout.JAVA_SHORT, 4, (short) 1);
            MemorySegment time = arena.allocate(16, 8);
            time.set(ValueLayout.JAVA_LONG, 0, limit.toSeconds());
            time.set(ValueLayout.JAVA_LONG, 8, limit.toNanosPart());
            while (true) {
                try {
                    return Kernel.call("poll", Call.PPOLL, wanted.address(), 1, time.address()) > 0;
                } catch (ErrnoException e) {
                    if (e.errno() != ErrnoException.EINTR) {
                        throw e;
                    }
                }
            }
        }
    }

    /** What a process was called with; empty when it has ended. */
    public static List<String> arguments(long pid) {
        try {
            String line = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
            return line.isEmpty() ? List.of() : List.of(line.split("\0"));
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The ids of all processes that were called with {@code argument} among their arguments. */
    public static List<Long> calledWith(String argument) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> arguments(pid).contains(argument))
                .toList();
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
