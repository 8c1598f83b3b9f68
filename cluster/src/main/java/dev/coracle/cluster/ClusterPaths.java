package dev.coracle.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where everything lies: {@code /var/lib/coracle} or {@code CORACLE_HOME}.
 *
 * <pre>
 * images/                  the image store, shared by all clusters of the machine
 * clusters/NAME/
 *   cluster.json           index, nodes, process id
 *   scheduler-config.yaml  as given to {@code up --scheduler-config}
 *   encryption-provider-config.yaml  as given to {@code up --encryption-provider-config}
 *   encryption-key.yaml    the same with the key that the cluster made for itself
 *   kubeconfig  pki/  store/  logs/  volumes/
 *   nodes/NODE/            kubelet state and containers
 * </pre>
 */
public record ClusterPaths(Path home, String name) {
    public static Path home(Map<String, String> env) {
        return Path.of(env.getOrDefault("CORACLE_HOME", "/var/lib/coracle"));
    }

    /**
     * Makes what is ours alone: everything under it, Secrets in the store, keys, what containers left with set-uid bits.
     * The home itself stays as it is where somebody made it before, since it may hold more than this.
     */
    public void makePrivate() throws IOException {
        Set<PosixFilePermission> ours = PosixFilePermissions.fromString("rwx------");
        if (!Files.exists(home)) {
            Files.createDirectories(home, PosixFilePermissions.asFileAttribute(ours));
        }
        for (Path directory : List.of(images(), clusters(), dir(), store(), logs(), nodes())) {
            Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(ours));
            // Of a version that did not care.
            Files.setPosixFilePermissions(directory, ours);
        }
    }

    /** Takes back what {@link #makePrivate} made of a cluster that is not to be: where something lies, it stays. */
    void removeEmpty() {
        for (Path directory : List.of(store(), logs(), nodes(), dir())) {
            try {
                Files.deleteIfExists(directory);
            } catch (DirectoryNotEmptyException e) {
                return;
            } catch (IOException e) {
                throw new UncheckedIOException("cannot remove " + directory, e);
            }
        }
    }

    public Path images() {
        return home.resolve("images");
    }

    public Path clusters() {
        return home.resolve("clusters");
    }

    public Path dir() {
        return clusters().resolve(name);
    }

    public Path description() {
        return dir().resolve("cluster.json");
    }

    /** How its scheduler decides; not there when it decides as it does by default. */
    public Path schedulerConfig() {
        return dir().resolve("scheduler-config.yaml");
    }

    /** How its API server seals what it stores; not there where nobody said so. */
    public Path encryptionConfig() {
        return dir().resolve("encryption-provider-config.yaml");
    }

    /** How it does where nobody said so. */
    public Path encryptionKey() {
        return dir().resolve("encryption-key.yaml");
    }

    public Path kubeconfig() {
        return dir().resolve("kubeconfig");
    }

    public Path pki() {
        return dir().resolve("pki");
    }

    public Path store() {
        return dir().resolve("store");
    }

    public Path logs() {
        return dir().resolve("logs");
    }

    public Path log() {
        return logs().resolve("coracle.log");
    }

    public Path volumes() {
        return dir().resolve("volumes");
    }

    private Path nodes() {
        return dir().resolve("nodes");
    }

    public Path node(String node) {
        return nodes().resolve(node);
    }
}
