package dev.coracle.machinery.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Linux namespaces: made and kept alive without a process in them, and entered to run a piece of Java inside.
 *
 * <p>A namespace lives as long as a process is in it or a file is bound to it. {@link #pin} binds each to a file, so a
 * pod's network exists without the "pause" process that other runtimes keep for it.
 *
 * <pre>{@code
 * Namespaces.pin(dir, Set.of(Kind.NET, Kind.UTS), "web-0", Map.of());      // dir/net, dir/uts
 * Socket s = Namespaces.callInNetwork(dir.resolve("net"), () -> new Socket("127.0.0.1", 8080));
 * }</pre>
 */
public final class Namespaces {
    private Namespaces() {}

    /** The kinds that can be pinned. The file is named as {@code /proc/self/ns} names it. */
    public enum Kind {
        NET("net", 0x40000000),
        IPC("ipc", 0x08000000),
        UTS("uts", 0x04000000);

        private final String file;
        private final int flag;

        Kind(String file, int flag) {
            this.file = file;
            this.flag = flag;
        }

        public String file() {
            return file;
        }
    }

    /**
     * Makes fresh namespaces of the given kinds and binds each to {@code directory/<file>}. In a new network namespace
     * the loopback interface is up.
     *
     * @param hostname set in a new UTS namespace; {@code ""} leaves it
     * @param sysctls settings to make inside, by name; one that is not a setting of the new namespaces is refused before
     *     anything is made
     */
    public static void pin(Path directory, Set<Kind> kinds, String hostname, Map<String, String> sysctls)
            throws IOException {
        for (String sysctl : sysctls.keySet()) {
            if (Sysctl.namespace(sysctl).filter(kinds::contains).isEmpty()) {
                throw new IOException("sysctl \"" + sysctl + "\" is not in a separate kernel namespace");
            }
        }
        Files.createDirectories(directory);
        onThread(() -> {
            int flags = 0;
            for (Kind kind : kinds) {
                flags |= kind.flag;
            }
            if (flags != 0) {
                Kernel.call("unshare", Call.UNSHARE, flags, 0, 0);
            }
            if (kinds.contains(Kind.UTS) && !hostname.isEmpty()) {
                Processes.setHostname(hostname);
            }
            if (kinds.contains(Kind.NET)) {
                loopbackUp();
            }
            for (var sysctl : sysctls.entrySet()) {
                Files.writeString(Sysctl.file(sysctl.getKey()), sysctl.getValue(), StandardOpenOption.WRITE);
            }
            for (Kind kind : kinds) {
                Path file = directory.resolve(kind.file);
                Files.write(file, new byte[0]);
                // "self" would be the process's first thread; the new namespace is this thread's only.
                Mounts.bind(Path.of("/proc/thread-self/ns", kind.file), file, false);
            }
            return true;
        });
    }

    /** Lets go of what {@link #pin} made in {@code directory}; idempotent. */
    public static void unpin(Path directory) throws IOException {
        for (Kind kind : Kind.values()) {
            Path file = directory.resolve(kind.file);
            if (Files.exists(file)) {
                Mounts.unmountIfMounted(file);
                Files.deleteIfExists(file);
            }
        }
    }

    /**
     * Runs {@code work} inside the network namespace bound to {@code file} and returns its result. Sockets that the
     * work opens belong to that namespace for good and may be used from any thread afterwards.
     *
     * @throws IOException what the work threw, or that the namespace cannot be entered
     */
    public static <T> T callInNetwork(Path file, Callable<T> work) throws IOException {
        return onThread(() -> {
            int descriptor = Kernel.open(file.toString(), Kernel.O_RDONLY);
            try {
                Kernel.call("setns " + file, Call.SETNS, descriptor, Kind.NET.flag, 0);
            } finally {
                Kernel.close(descriptor);
            }
            return work.call();
        });
    }

    /** A thread that has changed its namespace must not serve anybody else, so each call has its own. */
    private static <T> T onThread(Callable<T> work) throws IOException {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().name("namespace").daemon().start(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                    task.cancel(true);
                } catch (java.util.concurrent.CancellationException e) {
                    throw new java.io.InterruptedIOException("interrupted");
                } catch (ExecutionException e) {
                    switch (e.getCause()) {
                        case IOException io -> throw io;
                        case RuntimeException r -> throw r;
                        case Error error -> throw error;
                        case null -> throw new IOException(e);
                        default -> throw new IOException(e.getCause());
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void loopbackUp() throws IOException {
        int socket = (int) Kernel.call("socket", Call.SOCKET, 2, 2 | Kernel.O_CLOEXEC, 0);
        try (Arena arena = Arena.ofConfined()) {
            // struct ifreq: 16 bytes of name, then the flags.
            MemorySegment request = arena.allocate(40);
            byte[] name = "lo".getBytes(StandardCharsets.US_ASCII);
            MemorySegment.copy(name, 0, request, ValueLayout.JAVA_BYTE, 0, name.length);
            request.set(ValueLayout.JAVA_SHORT, 16, (short) (0x1 | 0x40));
            Kernel.call("bring up lo", Call.IOCTL, socket, 0x8914, request.address());
        } finally {
            Kernel.close(socket);
        }
    }
}
