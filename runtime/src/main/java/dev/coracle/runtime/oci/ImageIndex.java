package dev.coracle.runtime.oci;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.ImageService;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Which images there are and what they are called: {@code index.json}, replaced as a whole under a file lock. */
final class ImageIndex {
    private static final System.Logger LOG = System.getLogger("coracle.runtime");

    private final Path file;
    private final Path lockFile;
    /** A file lock keeps other processes out; this one, other threads of this process. Taken first. */
    private final ReentrantLock lock = new ReentrantLock();

    ImageIndex(Path dir) {
        this.file = dir.resolve("index.json");
        this.lockFile = dir.resolve("lock");
    }

    record Entry(String id, List<String> tags, List<String> digests, long size, String user, long createdAtNanos) {
        ImageService.Image image() {
            return new ImageService.Image(id, tags, digests, size, user, createdAtNanos);
        }
    }

    /** Work under the lock. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    List<Entry> read() {
        try {
            List<Entry> all = new ArrayList<>();
            for (Object tree : Trees.list(Json.parse(Files.readAllBytes(file)))) {
                Map<String, Object> m = Trees.map(tree);
                if (!Trees.string(m, "id").matches("sha256:[0-9a-f]{64}")) {
                    LOG.log(System.Logger.Level.WARNING, "image index " + file + ": an entry without id is left out");
                    continue;
                }
                all.add(new Entry(
                        Trees.string(m, "id"),
                        Trees.strings(m.get("tags")),
                        Trees.strings(m.get("digests")),
                        Trees.number(m, "size"),
                        Trees.string(m, "user"),
                        Trees.number(m, "created")));
            }
            return all;
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (MalformedJsonException e) {
            // What cannot be read is no reason for a node not to start: images can be had again.
            LOG.log(
                    System.Logger.Level.WARNING,
                    "image index " + file + " is damaged and taken for empty; images will be pulled anew, and those "
                            + "that were loaded from archives must be loaded again: " + e.getMessage());
            return List.of();
        } catch (IOException e) {
            throw new CriException("image index " + file + ": " + e.getMessage(), e);
        }
    }

    void update(Consumer<List<Entry>> change) {
        update(() -> {}, change);
    }

    /** @param before done under the same lock */
    void update(Work before, Consumer<List<Entry>> change) {
        locked(() -> {
            before.run();
            List<Entry> all = new ArrayList<>(read());
            change.accept(all);
            List<Object> trees = new ArrayList<>();
            for (Entry e : all) {
                trees.add(Map.of(
                        "id", e.id(),
                        "tags", e.tags(),
                        "digests", e.digests(),
                        "size", e.size(),
                        "user", e.user(),
                        "created", e.createdAtNanos()));
            }
            Trees.write(file, trees);
        });
    }

    void locked(Work work) {
        lock.lock();
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock();
            work.run();
        } catch (IOException e) {
            throw new CriException("image index " + file + ": " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    /** Adds an image, or its new names to the one there; a name belongs to one image, the last that took it. */
    static void put(List<Entry> all, Entry added) {
        Set<String> tags = new LinkedHashSet<>(added.tags());
        Set<String> digests = new LinkedHashSet<>(added.digests());
        List<Entry> others = new ArrayList<>();
        for (Entry e : all) {
            if (e.id().equals(added.id())) {
                tags.addAll(e.tags());
                digests.addAll(e.digests());
            } else {
                List<String> kept =
                        e.tags().stream().filter(t -> !added.tags().contains(t)).toList();
                others.add(new Entry(e.id(), kept, e.digests(), e.size(), e.user(), e.createdAtNanos()));
            }
        }
        all.clear();
        all.addAll(others);
        all.add(new Entry(
                added.id(),
                List.copyOf(tags),
                List.copyOf(digests),
                added.size(),
                added.user(),
                added.createdAtNanos()));
    }
}
