package dev.coracle.runtime.oci;

import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.os.Mounts;
import dev.coracle.machinery.os.Processes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Unpacked layers, one directory each, named by the first half of their chain ID: overlay's option string must fit into
 * one page of the kernel, which holds about eighty such paths. A layer is unpacked beside and renamed into place, so
 * what has its name is complete, and processes that unpack the same one at a time do not disturb each other.
 */
final class LayerStore {
    private final Path layers;
    private final Path unfinished;
    private final Entropy entropy;
    private final boolean root = Processes.uid() == 0;

    LayerStore(Path dir, Entropy entropy) throws IOException {
        this.layers = Files.createDirectories(dir.resolve("layers"));
        this.unfinished = Files.createDirectories(dir.resolve("unfinished"));
        this.entropy = entropy;
        removeUnfinished();
    }

    Path directory(String chainId) {
        return layers.resolve(chainId.substring("sha256:".length(), "sha256:".length() + 32));
    }

    boolean has(String chainId) {
        return Files.isDirectory(directory(chainId));
    }

    /** A fresh directory for work in progress; it is removed by the next store if this process dies. */
    Path scratch() throws IOException {
        return Files.createDirectory(unfinished.resolve(Leases.name(entropy)));
    }

    /**
     * Unpacks a layer on top of {@code below}, the chain IDs of those under it, lowest first.
     *
     * @param blob the layer's bytes, gzip'd or not
     * @param diffId what the uncompressed bytes must amount to
     */
    void unpack(InputStream blob, String diffId, String chainId, List<String> below) throws IOException {
        Path work = scratch();
        Path upper = Files.createDirectory(work.resolve("upper"));
        Path target = upper;
        try {
            if (!below.isEmpty()) {
                target = Files.createDirectory(work.resolve("root"));
                Path overlay = Files.createDirectory(work.resolve("work"));
                Mounts.mount("overlay", target, "overlay", 0, overlayOptions(below, upper, overlay));
            }
            var tar = Digests.reading(LayerTar.decompressed(blob));
            new LayerTar(target, root).apply(tar);
            Digests.check(tar, diffId, "layer");
            // A source that knows the digest of what it sends compares at the end.
            blob.transferTo(OutputStream.nullOutputStream());
            if (target != upper) {
                Mounts.unmountIfMounted(target);
            }
            try {
                Files.move(upper, directory(chainId), StandardCopyOption.ATOMIC_MOVE);
            } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
                // Somebody else unpacked the same layer meanwhile.
            } catch (IOException e) {
                if (!has(chainId)) {
                    throw e;
                }
            }
        } finally {
            Mounts.unmountIfMounted(work.resolve("root"));
            Trees.delete(work);
        }
    }

    /** The mount data of an overlay of {@code chain}, lowest first. */
    String overlayOptions(List<String> chain, Path upper, Path work) {
        List<String> lower = new ArrayList<>();
        for (String chainId : chain.reversed()) {
            lower.add(directory(chainId).toString());
        }
        return "lowerdir=" + String.join(":", lower) + ",upperdir=" + upper + ",workdir=" + work;
    }

    /** Removes the layers that nobody needs; one that a running container still stands on stays until the next time. */
    void retain(Set<String> chainIds) throws IOException {
        Set<Path> needed = new java.util.HashSet<>();
        chainIds.forEach(c -> needed.add(directory(c)));
        String mounted = Files.readString(Path.of("/proc/self/mountinfo"));
        try (Stream<Path> all = Files.list(layers)) {
            for (Path layer : all.toList()) {
                if (!needed.contains(layer) && !mounted.contains(layer.toString())) {
                    Path doomed = unfinished.resolve(Leases.name(entropy));
                    Files.move(layer, doomed, StandardCopyOption.ATOMIC_MOVE);
                    Trees.delete(doomed);
                }
            }
        }
    }

    private void removeUnfinished() throws IOException {
        try (Stream<Path> all = Files.list(unfinished)) {
            for (Path work : all.toList()) {
                if (!Leases.isAlive(work.getFileName().toString())) {
                    for (Path mount : Mounts.under(work)) {
                        Mounts.unmountIfMounted(mount);
                    }
                    Trees.delete(work);
                }
            }
        }
    }
}
