package dev.coracle.kubelet.volume;

import dev.coracle.client.Client;
import dev.coracle.kubelet.field.ResourceFields;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.os.Mounts;
import dev.coracle.machinery.os.Nodes;
import dev.coracle.machinery.quantity.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The volumes of the node's pods, under {@code pods/<uid>/volumes/<plugin>/<name>} as upstream lays them. */
public final class Volumes {
    private final Path pods;
    private final Client client;
    private final ApiContents contents;
    private final AtomicWriter writer;

    public Volumes(Path pods, Client client, Environment environment, ResourceFields resources) {
        this.pods = pods;
        this.client = client;
        this.contents = new ApiContents(client, environment, resources);
        this.writer = new AtomicWriter(environment);
    }

    /** Whether containers get a volume of the pod read-only whatever their mount says, as upstream's plugins have it. */
    public static boolean isReadOnly(Unstructured pod, String name) {
        return pod.objects("spec", "volumes").stream()
                .filter(v -> v.string("name").equals(name))
                .anyMatch(v -> v.has("configMap")
                        || v.has("secret")
                        || v.has("downwardAPI")
                        || v.has("projected")
                        || v.bool("persistentVolumeClaim", "readOnly"));
    }

    /**
     * Lays out all volumes of the pod, and brings those that come from API objects up to date. Idempotent.
     *
     * @return where each lies on the host, by name
     * @throws VolumeException when one cannot be had (yet)
     */
    public Map<String, Path> prepare(Unstructured pod) {
        Map<String, Path> paths = new LinkedHashMap<>();
        try {
            // What is below has the modes that containers need, so other users of the host are kept out here.
            Files.createDirectories(pods.resolve(pod.uid()));
            Nodes.mode(pods, 0700);
            Nodes.mode(pods.resolve(pod.uid()), 0700);
        } catch (IOException e) {
            throw new VolumeException("directory of pod " + pod.uid() + ": " + e.getMessage());
        }
        for (Unstructured volume : pod.objects("spec", "volumes")) {
            String name = volume.string("name");
            try {
                paths.put(name, prepare(pod, volume, name));
            } catch (VolumeException | StatusException | IOException e) {
                throw VolumeException.of(name, String.valueOf(e.getMessage()));
            }
        }
        return paths;
    }

    private Path prepare(Unstructured pod, Unstructured volume, String name) throws IOException {
        long group = pod.integer(-1, "spec", "securityContext", "fsGroup");
        if (volume.has("emptyDir")) {
            return emptyDir(pod.uid(), name, volume.object("emptyDir"), group);
        }
        if (volume.has("configMap")) {
            Unstructured s = volume.object("configMap");
            Path dir = directory(pod.uid(), "configmap", name);
            writer.write(dir, contents.configMap(pod, s, (int) s.integer(0644, "defaultMode")), group);
            return dir;
        }
        if (volume.has("secret")) {
            Unstructured s = volume.object("secret");
            Path dir = directory(pod.uid(), "secret", name);
            Path memory = tmpfs(dir, "mode=0755");
            int mode = (int) s.integer(0644, "defaultMode");
            writer.write(memory, contents.secret(pod, s, s.string("secretName"), mode), group);
            return dir;
        }
        if (volume.has("downwardAPI")) {
            Unstructured s = volume.object("downwardAPI");
            Path dir = directory(pod.uid(), "downward-api", name);
            int mode = (int) s.integer(0644, "defaultMode");
            writer.write(dir, contents.downward(pod, s.objects("items"), mode), group);
            return dir;
        }
        if (volume.has("projected")) {
            Path dir = tmpfs(directory(pod.uid(), "projected", name), "mode=0755");
            writer.write(dir, contents.projected(pod, name, volume.object("projected")), group);
            return dir;
        }
        if (volume.has("hostPath")) {
            return HostPaths.check(volume.string("hostPath", "path"), volume.string("hostPath", "type"));
        }
        if (volume.has("persistentVolumeClaim")) {
            return claim(pod, volume.string("persistentVolumeClaim", "claimName"), group);
        }
        if (volume.has("ephemeral")) {
            return claim(pod, pod.name() + "-" + name, group);
        }
        throw new VolumeException("no volume plugin matched "
                + volume.map().keySet().stream().filter(k -> !k.equals("name")).toList());
    }

    private Path directory(String uid, String plugin, String name) {
        return pods.resolve(uid)
                .resolve("volumes")
                .resolve("kubernetes.io~" + plugin)
                .resolve(name);
    }

    private Path emptyDir(String uid, String name, Unstructured source, long group) throws IOException {
        Path dir = directory(uid, "empty-dir", name);
        boolean fresh = !Files.isDirectory(dir);
        if (source.string("medium").equals("Memory")) {
            tmpfs(
                    dir,
                    source.has("sizeLimit")
                            ? "mode=0777,size="
                                    + Quantity.of(source.get("sizeLimit")).value()
                            : "mode=0777");
        } else if (!source.string("medium").isEmpty()) {
            throw new VolumeException("storage medium \"" + source.string("medium") + "\" is not supported");
        }
        Files.createDirectories(dir);
        if (fresh) {
            if (group >= 0) {
                Nodes.own(dir, -1, group);
            }
            Nodes.mode(dir, group >= 0 ? 02777 : 0777);
        }
        return dir;
    }

    /** Mounted once; what is there stays. Secrets lie in memory so that they never reach a disk. */
    private static Path tmpfs(Path dir, String options) throws IOException {
        Files.createDirectories(dir);
        if (!Mounts.under(dir).contains(dir.toAbsolutePath())) {
            Mounts.mount("tmpfs", dir, "tmpfs", Mounts.NOSUID | Mounts.NODEV, options);
        }
        return dir;
    }

    private Path claim(Unstructured pod, String name, long group) throws IOException {
        Unstructured claim;
        try {
            claim = client.get(Resources.PERSISTENT_VOLUME_CLAIMS, pod.namespace(), name)
                    .object();
        } catch (StatusException e) {
            throw e.isNotFound() ? new VolumeException("persistentvolumeclaim \"" + name + "\" not found") : e;
        }
        if (!claim.string("status", "phase").equals("Bound")
                || claim.string("spec", "volumeName").isEmpty()) {
            throw new VolumeException("PVC is not bound");
        }
        Unstructured volume = client.get(Resources.PERSISTENT_VOLUMES, "", claim.string("spec", "volumeName"))
                .object();
        if (volume.has("spec", "hostPath")) {
            String path = volume.string("spec", "hostPath", "path");
            boolean fresh = !Files.exists(Path.of(path));
            Path dir = HostPaths.check(path, volume.string("spec", "hostPath", "type"));
            // Without a type nothing is checked or made here: the runtime makes what it is to mount.
            if (fresh && Files.isDirectory(dir)) {
                // The pod's user, whoever it is, must be able to write, as with local-path-provisioner.
                Nodes.mode(dir, 0777);
            }
            return dir;
        }
        if (volume.has("spec", "local")) {
            Path dir = HostPaths.check(volume.string("spec", "local", "path"), "Directory");
            if (group >= 0) {
                Nodes.own(dir, -1, group);
                Nodes.mode(dir, 02775);
            }
            return dir;
        }
        throw new VolumeException("persistent volume \"" + volume.name() + "\" is neither hostPath nor local");
    }

    /** When {@link #prepare} must be called again to renew what expires. */
    public Duration renewal(String uid) {
        return contents.renewal(uid);
    }

    /** The pods of which there is anything. */
    public List<String> uids() {
        return names(pods);
    }

    /** The names in a directory, which may not be there. */
    public static List<String> names(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString()).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new VolumeException("directory " + directory + ": " + e.getMessage());
        }
    }

    /** Unmounts and deletes what {@link #prepare} made; what lies on persistent volumes stays. Idempotent. */
    public void teardown(String uid) {
        contents.forget(uid);
        try {
            // All mounts first, and of those the parts of volumes, which are bound from them.
            for (String part : List.of("volume-subpaths", "volumes", "")) {
                for (Path mount : Mounts.under(pods.resolve(uid).resolve(part))) {
                    Mounts.unmountIfMounted(mount);
                }
            }
            Trees.delete(pods.resolve(uid).resolve("volume-subpaths"));
            Trees.delete(pods.resolve(uid).resolve("volumes"));
        } catch (IOException e) {
            throw new VolumeException("UnmountVolume.TearDown failed for pod " + uid + ": " + e.getMessage());
        }
    }
}
