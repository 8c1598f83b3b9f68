package dev.coracle.cluster;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.os.Mounts;
import dev.coracle.network.HostNetwork;
import dev.coracle.network.HostNetworkConfig;
import dev.coracle.network.pod.BridgePodNetwork;
import dev.coracle.network.pod.PodNetworkConfig;
import dev.coracle.runtime.oci.OciImageStore;
import dev.coracle.runtime.oci.OciRuntime;
import dev.coracle.runtime.oci.OciRuntimeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Removes what a cluster that does not run has left on the machine, be it stopped or killed. */
public final class Leftovers {
    private final ClusterPaths paths;
    private final ClusterDescription description;
    private final Environment environment;

    public Leftovers(ClusterPaths paths, ClusterDescription description, Environment environment) {
        this.paths = paths;
        this.description = description;
        this.environment = environment;
    }

    /** @param state also the cluster's directory */
    public void remove(boolean state) throws IOException {
        ClusterNetwork network = description.network();
        try (OciImageStore images = new OciImageStore(paths.images(), environment)) {
            for (int i = 0; i < description.nodes().size(); i++) {
                String node = description.nodes().get(i);
                Path dir = paths.node(node);
                if (!Files.isDirectory(dir)) {
                    continue;
                }
                var pods = new BridgePodNetwork(new PodNetworkConfig(
                        description.name(),
                        description.index(),
                        i,
                        network.podCidr(i),
                        network.nodeIp(i),
                        dir.resolve("network")));
                try (OciRuntime runtime =
                        new OciRuntime(new OciRuntimeConfig(dir.resolve("runtime"), node), images, pods, environment)) {
                    runtime.destroyAll();
                }
            }
        }
        unmount(paths.dir());
        Path own = paths.dir().toAbsolutePath().normalize();
        var registry = new MachineRegistry();
        if (registry.mayTouch(own, description.index())) {
            removeNetwork(state);
        }
        if (state) {
            delete(paths.dir());
            registry.release(own, description.index());
        } else {
            description.withPid(0).write(paths);
        }
    }

    /** Goes by the cluster's index, which must not have passed to another cluster meanwhile. */
    private void removeNetwork(boolean state) throws IOException {
        HostNetwork host = new HostNetwork(HostNetworkConfig.of(
                description.name(), description.index(), description.nodes().size()));
        host.down();
        Files.deleteIfExists(MachineRegistry.controlSocket(description.index()));
        if (state) {
            host.forget();
        }
    }

    /** Volumes in memory, such as tokens, are mounts that outlive the processes that used them. */
    static void unmount(Path dir) throws IOException {
        for (Path mount : Mounts.under(dir)) {
            Mounts.unmountIfMounted(mount);
        }
    }

    private static void delete(Path dir) throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path p : deepestFirst) {
                Files.delete(p);
            }
        }
    }
}
