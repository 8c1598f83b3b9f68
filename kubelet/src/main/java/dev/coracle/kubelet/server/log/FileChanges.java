package dev.coracle.kubelet.server.log;

import dev.coracle.machinery.env.Tasks;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells when something in a directory changes. One watch of the kernel's for all who follow logs, since a user has few
 * (128 inotify instances by default); begun when the first one asks.
 */
public final class FileChanges implements AutoCloseable {
    private record Watched(WatchKey key, List<Runnable> listeners) {}

    private final Tasks tasks;
    private final Map<Path, Watched> directories = new HashMap<>();
    private @Nullable WatchService service;
    private boolean closed;

    public FileChanges(Tasks tasks) {
        this.tasks = tasks;
    }

    /** What {@link #watch} gave; closing it ends the telling. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /** @param changed must not block */
    public synchronized Registration watch(Path directory, Runnable changed) throws IOException {
        if (closed) {
            throw new IOException("the kubelet is stopping");
        }
        WatchService s = service;
        if (s == null) {
            s = directory.getFileSystem().newWatchService();
            service = s;
            WatchService started = s;
            tasks.start("log-changes", () -> run(started));
        }
        Watched known = directories.get(directory);
        if (known == null) {
            known = new Watched(
                    directory.register(
                            s,
                            StandardWatchEventKinds.ENTRY_CREATE,
                            StandardWatchEventKinds.ENTRY_MODIFY,
                            StandardWatchEventKinds.ENTRY_DELETE),
                    new ArrayList<>());
            directories.put(directory, known);
        }
        known.listeners().add(changed);
        return () -> forget(directory, changed);
    }

    private synchronized void forget(Path directory, Runnable changed) {
        Watched w = directories.get(directory);
        if (w != null) {
            w.listeners().remove(changed);
            if (w.listeners().isEmpty()) {
                directories.remove(directory);
                w.key().cancel();
            }
        }
    }

    private void run(WatchService s) {
        try {
            while (true) {
                WatchKey key = s.take();
                key.pollEvents();
                // Before the listeners: what happens while they are told must be told too.
                key.reset();
                tell((Path) key.watchable());
            }
        } catch (ClosedWatchServiceException | InterruptedException e) {
            // close() asked for it.
        }
    }

    private synchronized void tell(Path directory) {
        Watched w = directories.get(directory);
        if (w != null) {
            w.listeners().forEach(Runnable::run);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (service != null) {
            try {
                service.close();
            } catch (IOException e) {
                System.getLogger("coracle.kubelet").log(System.Logger.Level.DEBUG, "log watch", e);
            }
        }
    }
}
