package dev.coracle.kubelet.server.log;

import dev.coracle.kubelet.server.PodLookup;
import dev.coracle.runtime.RuntimeService;
import dev.coracle.runtime.RuntimeService.ContainerState;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Objects;

/** The log of one run of a container, written to a reader as its options say. */
public final class ContainerLog {
    private final RuntimeService runtime;
    private final FileChanges changes;
    private final String containerId;
    private final Path path;
    private final LogOptions options;

    public ContainerLog(
            RuntimeService runtime, FileChanges changes, String containerId, Path path, LogOptions options) {
        this.runtime = runtime;
        this.changes = changes;
        this.containerId = containerId;
        this.path = path;
        this.options = options;
    }

    /** Something may have happened; how often it did is of no interest. */
    public static final class Wake {
        private boolean woken;
        private boolean stopped;

        synchronized void wake() {
            woken = true;
            notifyAll();
        }

        /** Nobody reads any more. */
        public synchronized void stop() {
            stopped = true;
            notifyAll();
        }

        /** @return false when stopped */
        synchronized boolean await() throws InterruptedException {
            while (!woken && !stopped) {
                wait();
            }
            woken = false;
            return !stopped;
        }
    }

    /**
     * Writes what there is and, with {@code follow}, what comes until the container has ended.
     *
     * @param wake for the caller to stop it
     * @throws IOException when {@code to} cannot be written
     */
    public void write(OutputStream to, Wake wake) throws IOException, InterruptedException {
        BufferedOutputStream out = new BufferedOutputStream(to, 32 << 10);
        LogLines lines = new LogLines(options, out);
        try (LogFile file = new LogFile(path)) {
            file.open();
            if (options.tailLines() != null) {
                file.skipToTail(options.tailLines());
            }
            // Asked before reading: of one that had ended then, all is read.
            boolean ended = ended();
            if (options.follow()) {
                ended = follow(file, lines, out, wake);
            } else {
                file.readTo(lines);
            }
            file.finish(lines);
            lines.finish(ended);
        }
        out.flush();
    }

    /** @return whether it has ended, rather than the reader */
    private boolean follow(LogFile file, LogLines lines, OutputStream out, Wake wake)
            throws IOException, InterruptedException {
        AutoCloseable events = runtime.containerEvents((sandbox, container, state) -> {
            if (container.equals(containerId)) {
                wake.wake();
            }
        });
        Path directory = Objects.requireNonNull(path.toAbsolutePath().getParent());
        try (FileChanges.Registration watch = changes.watch(directory, wake::wake)) {
            boolean more = true;
            boolean ended = false;
            while (more) {
                ended = ended();
                file.readTo(lines);
                while (!lines.isFull() && file.turnToNewer(lines)) {
                    file.readTo(lines);
                }
                out.flush();
                more = !ended && !lines.isFull() && wake.await();
            }
            return ended;
        } finally {
            close(events);
        }
    }

    private boolean ended() {
        if (containerId.startsWith(PodLookup.IN_PROCESS)) {
            return false;
        }
        return runtime.containerStatus(containerId)
                .map(s -> s.state() == ContainerState.EXITED)
                .orElse(true);
    }

    private static void close(AutoCloseable events) throws IOException {
        try {
            events.close();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
