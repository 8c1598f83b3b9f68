package dev.coracle.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Which cluster of the machine has which index, and so which addresses. A home directory knows only its own clusters, but
 * the network is shared by all: {@code /run/coracle/INDEX} names the directory of the cluster that has the index. An entry
 * whose directory is gone is free again, and a reboot, which ends every network too, ends all entries.
 */
public final class MachineRegistry {
    private static final Path DIR = Path.of("/run/coracle");
    private final Path dir;

    MachineRegistry() {
        this(DIR);
    }

    MachineRegistry(Path dir) {
        this.dir = dir;
    }

    /** Where the process of a running cluster takes commands; under {@code /run}, since a socket's path must be short. */
    public static Path controlSocket(int index) {
        return DIR.resolve(index + ".sock");
    }

    /**
     * Takes an index for a cluster; the one it has had, where that is not taken.
     *
     * @param wanted from the cluster's description, or -1
     * @throws IllegalStateException when the name or the wanted index belongs to a cluster of another home, or none is free
     */
    int claim(Path cluster, int wanted) {
        try {
            Files.createDirectories(dir);
            try (FileChannel file = FileChannel.open(
                            dir.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var held = file.lock()) {
                int free = -1;
                for (int i = ClusterNetwork.MAX_CLUSTERS - 1; i >= 0 && held.isValid(); i--) {
                    Optional<Path> owner = owner(i).filter(o -> !o.equals(cluster));
                    if (owner.isEmpty()) {
                        free = i;
                    } else if (owner.get().getFileName().equals(cluster.getFileName()) || i == wanted) {
                        throw new IllegalStateException("the cluster in " + owner.get() + " has this one's "
                                + (i == wanted ? "addresses" : "name") + ": delete it, or choose another --name");
                    }
                }
                if (wanted >= 0) {
                    free = wanted;
                }
                if (free < 0) {
                    throw new IllegalStateException("there are " + ClusterNetwork.MAX_CLUSTERS
                            + " clusters already: delete one with `coracle down --delete`");
                }
                Files.writeString(dir.resolve("" + free), cluster.toString());
                return free;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot register the cluster in " + dir, e);
        }
    }

    /** Frees the index of a cluster that is deleted. */
    void release(Path cluster, int index) {
        try {
            if (owner(index).filter(cluster::equals).isPresent()) {
                Files.deleteIfExists(dir.resolve("" + index));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot free the cluster's index in " + dir, e);
        }
    }

    private Optional<Path> owner(int index) throws IOException {
        Path entry = dir.resolve("" + index);
        if (!Files.exists(entry)) {
            return Optional.empty();
        }
        Path cluster = Path.of(Files.readString(entry));
        return Files.isDirectory(cluster) ? Optional.of(cluster) : Optional.empty();
    }
}
