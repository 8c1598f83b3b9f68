package dev.coracle.cluster;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where everything lies: {@code /var/lib/coracle} or {@code CORACLE_HOME}.
 *
 * <pre>
 * images/                  the image store, shared by all clusters of the machine
 * clusters/NAME/
 *   cluster.json           index, nodes, process id
 *   kubeconfig  pki/  store/  logs/  volumes/
 *   nodes/NODE/            kubelet state and containers
 * </pre>
 */
public record ClusterPaths(Path home, String name) {
    public static Path home(Map<String, String> env) {
        return Path.of(env.getOrDefault("CORACLE_HOME", "/var/lib/coracle"));
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

    public Path node(String node) {
        return dir().resolve("nodes").resolve(node);
    }
}
