package dev.coracle.runtime.oci;

import dev.coracle.machinery.json.Json;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * The images in a directory that holds either what {@code docker save} writes ({@code manifest.json}) or an OCI image
 * layout ({@code index.json}). Newer {@code docker save} archives hold both; the first names the tags plainly.
 */
final class ImageArchive {
    private ImageArchive() {}

    /** Writes the files of a tar, which may be gzip'd, under {@code directory}. */
    static void extract(Path tar, Path directory) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(tar), 64 * 1024);
                var entries = new TarArchiveInputStream(LayerTar.decompressed(in))) {
            for (TarArchiveEntry e = entries.getNextEntry(); e != null; e = entries.getNextEntry()) {
                Path target = directory.resolve(RootedPath.clean(e.getName()));
                if (e.isFile()) {
                    Files.createDirectories(parent(target));
                    Files.copy(entries, target);
                } else if (e.isLink() || e.isSymbolicLink()) {
                    // Old docker-save archives link equal layers to each other, always within the archive.
                    String name = e.isLink() ? e.getLinkName() : sibling(e);
                    Path other = directory.resolve(RootedPath.clean(name));
                    Files.createDirectories(parent(target));
                    Files.createLink(target, other);
                }
            }
        }
    }

    private static String sibling(TarArchiveEntry e) {
        Path parent = Path.of("/" + e.getName()).getParent();
        return parent == null
                ? e.getLinkName()
                : parent.resolve(e.getLinkName()).toString();
    }

    private static Path parent(Path p) {
        Path parent = p.getParent();
        return parent == null ? p : parent;
    }

    static List<ImageSource> images(Path directory) throws IOException {
        Path manifest = directory.resolve("manifest.json");
        if (Files.exists(manifest)) {
            List<ImageSource> found = new ArrayList<>();
            for (Object entry : Trees.list(Json.parse(Files.readAllBytes(manifest)))) {
                Map<String, Object> image = Trees.map(entry);
                List<Path> layers = new ArrayList<>();
                for (String layer : Trees.strings(image.get("Layers"))) {
                    layers.add(inside(directory, layer));
                }
                List<String> tags = Trees.strings(image.get("RepoTags")).stream()
                        .map(t -> Reference.parse(t).toString())
                        .toList();
                Path config = inside(directory, Trees.string(image, "Config"));
                found.add(new OnDisk(config, layers, tags, List.of()));
            }
            return found;
        }
        Path index = directory.resolve("index.json");
        if (Files.exists(index)) {
            List<ImageSource> found = new ArrayList<>();
            layout(directory, Json.parseObject(Files.readAllBytes(index)), "", found);
            return found;
        }
        throw new IOException(
                "neither manifest.json (docker save) nor index.json (OCI image layout) is in the archive");
    }

    private static void layout(Path root, Map<String, Object> index, String name, List<ImageSource> found)
            throws IOException {
        List<Map<String, Object>> manifests =
                Trees.list(index.get("manifests")).stream().map(Trees::map).toList();
        List<Map<String, Object>> ours =
                manifests.stream().filter(Platform::matches).toList();
        for (Map<String, Object> descriptor : ours) {
            Map<String, String> annotations = Trees.stringMap(descriptor.get("annotations"));
            String reference = annotations.getOrDefault(
                    "io.containerd.image.name", annotations.getOrDefault("org.opencontainers.image.ref.name", name));
            String digest = Trees.string(descriptor, "digest");
            Map<String, Object> document = Json.parseObject(Files.readAllBytes(blob(root, digest)));
            if (document.containsKey("manifests")) {
                layout(root, document, reference, found);
                continue;
            }
            List<Path> layers = new ArrayList<>();
            for (Object layer : Trees.list(document.get("layers"))) {
                layers.add(blob(root, Trees.string(Trees.map(layer), "digest")));
            }
            List<String> tags = List.of();
            List<String> digests = List.of();
            if (!reference.isEmpty()) {
                Reference r = Reference.parse(reference);
                tags = r.tag() == null ? List.of() : List.of(r.name() + ":" + r.tag());
                digests = List.of(r.name() + "@" + digest);
            }
            Path config = blob(root, Trees.string(Trees.map(document.get("config")), "digest"));
            found.add(new OnDisk(config, layers, tags, digests));
        }
    }

    private static Path blob(Path root, String digest) throws IOException {
        return inside(root, "blobs/" + digest.replace(':', '/'));
    }

    private static Path inside(Path root, String name) throws IOException {
        Path file = root.resolve(RootedPath.clean(name));
        if (!Files.isRegularFile(file)) {
            throw new IOException("the archive lacks " + name);
        }
        return file;
    }

    /** An image whose parts are files. */
    private record OnDisk(Path configFile, List<Path> layerFiles, List<String> tags, List<String> digests)
            implements ImageSource {
        @Override
        public byte[] config() throws IOException {
            return Files.readAllBytes(configFile);
        }

        @Override
        public int layers() {
            return layerFiles.size();
        }

        @Override
        public InputStream layer(int index) throws IOException {
            return new BufferedInputStream(Files.newInputStream(layerFiles.get(index)), 64 * 1024);
        }
    }
}
