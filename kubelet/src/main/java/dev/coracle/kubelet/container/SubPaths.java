package dev.coracle.kubelet.container;

import dev.coracle.kubelet.volume.Trees;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.os.Mounts;
import dev.coracle.machinery.os.OpenPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The parts of volumes that are mounted alone ({@code subPath}). What lies in a volume is its containers' to change at
 * any moment, also between a look at a path and the mount of it, so a part is opened once, without leaving the volume,
 * and what is open is bound to a place of the pod's own, {@code pods/<uid>/volume-subpaths/<volume>/<container>/<index>}
 * as upstream's. That place is what the runtime is told of.
 */
final class SubPaths {
    private static final System.Logger LOG = System.getLogger("coracle.kubelet");

    private final Path pods;

    SubPaths(Path pods) {
        this.pods = pods;
    }

    /**
     * What a container's volume mount mounts.
     *
     * @param index which of its mounts
     * @param volume where the whole volume lies
     * @param env what {@code subPathExpr} may name
     * @throws ConfigException in words that tell the user nothing of the host
     */
    Path source(String uid, Unstructured container, int index, Path volume, Map<String, String> env) {
        Unstructured mount = container.objects("volumeMounts").get(index);
        String sub = path(mount, env);
        if (sub.isEmpty()) {
            return volume;
        }
        String of = "volumeMount \"" + mount.string("name") + "\" of container \"" + container.string("name") + "\"";
        Path target = pods.resolve(uid)
                .resolve("volume-subpaths")
                .resolve(mount.string("name"))
                .resolve(container.string("name"))
                .resolve(String.valueOf(index));
        try (OpenPath whole = OpenPath.directory(volume);
                OpenPath part = open(whole, sub, of)) {
            Mounts.bind(part.path(), fresh(target, Files.isDirectory(part.path())), false);
            return target;
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "pod " + uid + ", subPath " + sub + " of " + of + ": " + e.getMessage());
            throw new ConfigException("failed to prepare subPath for " + of);
        }
    }

    private static String path(Unstructured mount, Map<String, String> env) {
        boolean expand = !mount.string("subPathExpr").isEmpty();
        String sub = expand ? Expansion.expandAll(mount.string("subPathExpr"), env) : mount.string("subPath");
        if (sub.startsWith("/")) {
            throw new ConfigException("error SubPath `" + sub + "` must not be an absolute path");
        }
        if (List.of(sub.split("/")).contains("..")) {
            throw new ConfigException("unable to provision SubPath `" + sub + "`: must not contain '..'");
        }
        return sub;
    }

    private static OpenPath open(OpenPath whole, String sub, String of) throws IOException {
        try {
            // As open to writers as the volume itself, or fsGroup would not reach into it.
            return whole.make(sub, (Integer) Files.getAttribute(whole.path(), "unix:mode"));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "subPath " + sub + " of " + of + ": " + e.getMessage());
            throw new ConfigException("failed to create subPath directory for " + of);
        }
    }

    /** Something to mount on, of the kind that is mounted; an earlier run's is no longer needed. */
    private static Path fresh(Path target, boolean directory) throws IOException {
        Mounts.unmountIfMounted(target);
        Trees.delete(target);
        Files.createDirectories(target.getParent() == null ? target : target.getParent());
        return directory ? Files.createDirectory(target) : Files.createFile(target);
    }
}
