package dev.coracle.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which cluster of the machine has which index, and so which addresses, and which port of the loopback. A home directory
 * knows only its own clusters, but the network is shared by all: {@code /run/coracle/INDEX} names the directory of the
 * cluster that has the index, and its port. An entry whose directory is gone is free again. A reboot, which ends every
 * network too, ends all entries; those of a home return with the first of its clusters.
 */
public final class MachineRegistry {
    private static final Path DIR = Path.of("/run/coracle");
    private static final int FIRST_API_PORT = 6443;
    private static final int PORTS_TRIED = 1000;

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

    /** Where a cluster is found: {@code index} tells its addresses apart, {@code apiPort} its API on the loopback. */
    record Place(int index, int apiPort) {}

    /** What an entry says: the cluster's directory and, in a second line, its port. */
    private record Entry(Path owner, int apiPort) {}

    /**
     * Takes a place for a cluster that does not run; the one it has had, where that is not taken.
     *
     * @param wanted index from the cluster's description, or -1
     * @param wantedPort from the cluster's description, or 0; another one is given when it is in use
     * @throws IllegalStateException when the name or the wanted index belongs to a cluster of another home, or none is free
     */
    Place claim(Path cluster, int wanted, int wantedPort) {
        try {
            Files.createDirectories(
                    dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try (FileChannel file = FileChannel.open(
                            dir.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var held = file.lock()) {
                remember(cluster);
                int free = -1;
                Set<Integer> ports = new HashSet<>();
                for (int i = ClusterNetwork.MAX_CLUSTERS - 1; i >= 0 && held.isValid(); i--) {
                    Optional<Entry> entry = entry(i).filter(e -> !e.owner().equals(cluster));
                    if (entry.isEmpty()) {
                        free = i;
                        continue;
                    }
                    Path owner = entry.get().owner();
                    ports.add(entry.get().apiPort());
                    if (owner.getFileName().equals(cluster.getFileName()) || i == wanted) {
                        throw new IllegalStateException("the cluster in " + owner + " has this one's "
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
                var place = new Place(free, port(wantedPort > 0 ? wantedPort : FIRST_API_PORT + free, ports));
                write(place, cluster);
                return place;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot register the cluster in " + dir, e);
        }
    }

    /** After a reboot, which empties {@code /run}, the clusters beside this one still have the places they had. */
    private void remember(Path cluster) throws IOException {
        Path home = cluster.resolve("../..").normalize();
        for (ClusterDescription d : ClusterDescription.all(home)) {
            if (entry(d.index()).isEmpty()) {
                write(new Place(d.index(), d.apiPort()), new ClusterPaths(home, d.name()).dir());
            }
        }
    }

    /** The first port from {@code wanted} on that no other cluster has and no program of the machine listens on. */
    private static int port(int wanted, Set<Integer> taken) {
        for (int port = wanted; port < wanted + PORTS_TRIED; port++) {
            if (!taken.contains(port)) {
                try (var probe = new ServerSocket()) {
                    // Connections of the cluster's last run may still linger there.
                    probe.setReuseAddress(true);
                    probe.bind(new InetSocketAddress("127.0.0.1", port));
                    return port;
                } catch (IOException e) {
                    // Somebody listens there.
                }
            }
        }
        throw new IllegalStateException(
                "no port of 127.0.0.1 from " + wanted + " to " + (wanted + PORTS_TRIED - 1) + " is free");
    }

    private void write(Place place, Path cluster) throws IOException {
        Files.writeString(dir.resolve("" + place.index()), cluster + "\n" + place.apiPort() + "\n");
    }

    /** Whether what the machine has under this index is this cluster's, or at least nobody else's. */
    boolean mayTouch(Path cluster, int index) {
        try {
            return entry(index).map(e -> e.owner().equals(cluster)).orElse(true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the cluster's entry in " + dir, e);
        }
    }

    /** Frees the index of a cluster that is deleted. */
    void release(Path cluster, int index) {
        try {
            // Its directory may be gone already.
            if (written(index).filter(e -> e.owner().equals(cluster)).isPresent()) {
                Files.deleteIfExists(dir.resolve("" + index));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot free the cluster's index in " + dir, e);
        }
    }

    /** Of a cluster that is still there. */
    private Optional<Entry> entry(int index) throws IOException {
        return written(index).filter(e -> Files.isDirectory(e.owner()));
    }

    private Optional<Entry> written(int index) throws IOException {
        Path file = dir.resolve("" + index);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        List<String> lines = Files.readString(file).lines().toList();
        Path cluster = Path.of(lines.getFirst());
        int port = lines.size() > 1 ? Integer.parseInt(lines.get(1)) : 0;
        return Optional.of(new Entry(cluster, port));
    }
}
