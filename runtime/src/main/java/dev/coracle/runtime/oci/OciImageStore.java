package dev.coracle.runtime.oci;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.ImageService;
import dev.coracle.runtime.oci.build.BusyboxImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Images of this machine: configurations as content-addressed blobs, layers unpacked and ready to be mounted. Several
 * processes may use one directory at a time.
 *
 * <p>An image's id is the digest of its configuration, {@code sha256:…}. Names are kept as containerd normalises them:
 * {@code busybox} is {@code docker.io/library/busybox:latest}.
 */
public final class OciImageStore implements ImageService, AutoCloseable {
    private static final System.Logger LOG = System.getLogger("coracle.runtime");

    private final Path dir;
    private final LayerStore layers;
    private final Leases leases;
    private final ImageIndex index;
    private final Registry registry;

    /** Makes {@code dir} if it is not there. */
    public OciImageStore(Path dir, Environment environment) {
        this.dir = dir.toAbsolutePath();
        try {
            Trees.privateDirectory(this.dir);
            Files.createDirectories(this.dir.resolve("blobs/sha256"));
            this.layers = new LayerStore(this.dir, environment.entropy());
            this.leases = new Leases(this.dir.resolve("leases"), environment.entropy());
            this.index = new ImageIndex(this.dir);
        } catch (IOException e) {
            throw new CriException("image store " + dir + ": " + e.getMessage(), e);
        }
        this.registry = new Registry(environment.timers());
        // A process that was killed in a pull has left layers that no image has.
        sweep();
    }

    /** An image ready to be mounted. @param chain its layers' chain IDs, lowest first */
    record Stored(ImageIndex.Entry entry, ImageConfig config, List<String> chain) {
        /** What a container status says the image is: a repo digest if there is one, else the id. */
        String reference() {
            return entry.digests().isEmpty() ? entry.id() : entry.digests().getFirst();
        }
    }

    LayerStore layers() {
        return layers;
    }

    Stored stored(String reference) {
        ImageIndex.Entry entry = find(reference)
                .orElseThrow(() -> new CriException(
                        CriException.Code.NOT_FOUND, "failed to get image \"" + reference + "\": not found"));
        try {
            ImageConfig config = ImageConfig.parse(Files.readAllBytes(blob(entry.id())));
            return new Stored(entry, config, Digests.chain(config.diffIds()));
        } catch (IOException | MalformedJsonException e) {
            throw new CriException("image " + reference + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<Image> imageStatus(String reference) {
        return find(reference).map(ImageIndex.Entry::image);
    }

    @Override
    public List<Image> listImages() {
        return index.read().stream().map(ImageIndex.Entry::image).toList();
    }

    @Override
    public Optional<StandIn> standIn(String reference) {
        Optional<Image> exactly = imageStatus(reference);
        if (exactly.isPresent()) {
            return made(exactly.get());
        }
        String wanted = Reference.parse(reference).toString();
        return listImages().stream()
                .map(this::made)
                .flatMap(Optional::stream)
                .filter(s -> s.names().contains(wanted))
                .findFirst();
    }

    /** An image that came from a registry is that registry's, whatever it says of itself. */
    @Override
    public Optional<StandIn> made(Image image) {
        if (!image.repoDigests().isEmpty()) {
            return Optional.empty();
        }
        Map<String, Object> labels = stored(image.id()).config().labels();
        String contents = Trees.string(labels, BusyboxImage.CONTENTS_LABEL);
        if (contents.isEmpty()) {
            return Optional.empty();
        }
        List<String> names = Stream.of(
                        Trees.string(labels, BusyboxImage.STANDS_IN_LABEL).split(" "))
                .filter(n -> !n.isBlank())
                .map(n -> Reference.parse(n).toString())
                .toList();
        return Optional.of(new StandIn(image, contents, names));
    }

    @Override
    public String pullImage(String reference, List<Credential> credentials) {
        Reference wanted = Reference.parse(reference);
        try (Registry.Pull pull = registry.resolve(wanted, credentials)) {
            return add(pull);
        } catch (CriException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new CriException("failed to pull and unpack image \"" + wanted + "\": " + e.getMessage(), e);
        }
    }

    @Override
    public void removeImage(String reference) {
        Optional<ImageIndex.Entry> found = find(reference);
        if (found.isEmpty()) {
            return;
        }
        index.update(all -> all.removeIf(e -> e.id().equals(found.get().id())));
        sweep();
    }

    /** Removes the layers and configurations that neither an image nor a running pull has. */
    private void sweep() {
        Set<String> damaged = new HashSet<>();
        index.locked(() -> {
            Set<String> chains = leases.held();
            Set<String> blobs = new HashSet<>();
            for (ImageIndex.Entry e : index.read()) {
                try {
                    byte[] json = Files.readAllBytes(blob(e.id()));
                    if (!Digests.of(json).equals(e.id())) {
                        throw new IOException("its configuration is damaged");
                    }
                    ImageConfig config = ImageConfig.parse(json);
                    chains.addAll(Digests.chain(config.diffIds()));
                    blobs.add(blob(e.id()).getFileName().toString());
                } catch (IOException | MalformedJsonException failure) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "image " + e.id() + " " + e.tags() + " cannot be read and is removed; it will be pulled "
                                    + "anew: " + failure);
                    damaged.add(e.id());
                }
            }
            layers.retain(chains);
            for (String blob : Containers.names(dir.resolve("blobs/sha256"))) {
                if (!blobs.contains(blob)) {
                    Files.deleteIfExists(dir.resolve("blobs/sha256").resolve(blob));
                }
            }
        });
        if (!damaged.isEmpty()) {
            index.update(all -> all.removeIf(e -> damaged.contains(e.id())));
        }
    }

    /** @param archive a docker-save or OCI-layout tar, gzip'd or not, or a directory with an OCI layout */
    @Override
    public List<String> loadImage(Path archive) {
        try {
            if (Files.isDirectory(archive)) {
                return addAll(ImageArchive.images(archive));
            }
            Path scratch = layers.scratch();
            try {
                ImageArchive.extract(archive, scratch);
                return addAll(ImageArchive.images(scratch));
            } finally {
                Trees.delete(scratch);
            }
        } catch (IOException e) {
            throw new CriException("failed to load image archive " + archive + ": " + e.getMessage(), e);
        }
    }

    private List<String> addAll(List<ImageSource> images) throws IOException {
        List<String> names = new ArrayList<>();
        for (ImageSource image : images) {
            String id = add(image);
            names.addAll(image.tags().isEmpty() ? List.of(id) : image.tags());
        }
        return names;
    }

    private String add(ImageSource source) throws IOException {
        byte[] json = source.config();
        String id = Digests.of(json);
        ImageConfig config = ImageConfig.parse(json);
        if (config.diffIds().size() != source.layers()) {
            throw new IOException(
                    "the configuration names " + config.diffIds().size() + " layers, the manifest " + source.layers());
        }
        for (String diffId : config.diffIds()) {
            Digests.valid(diffId);
        }
        List<String> chain = Digests.chain(config.diffIds());
        // Held from before it is seen which layers there are until the image is: an image that is removed meanwhile
        // takes none of them along.
        List<Path> lease = new ArrayList<>();
        index.locked(() -> lease.add(leases.take(chain)));
        try {
            long size = json.length;
            for (int i = 0; i < chain.size(); i++) {
                if (!layers.has(chain.get(i))) {
                    try (InputStream blob = source.layer(i)) {
                        layers.unpack(blob, config.diffIds().get(i), chain.get(i), chain.subList(0, i));
                    }
                }
                size += DirectorySize.of(layers.directory(chain.get(i)));
            }
            var entry = new ImageIndex.Entry(
                    id, source.tags(), source.digests(), size, config.user(), config.createdAtNanos());
            index.update(() -> Trees.write(blob(id), json), all -> ImageIndex.put(all, entry));
            return id;
        } finally {
            Files.deleteIfExists(lease.getFirst());
        }
    }

    private Optional<ImageIndex.Entry> find(String reference) {
        List<ImageIndex.Entry> all = index.read();
        String hex = reference.startsWith("sha256:") ? reference.substring(7) : reference;
        if (hex.length() >= 12 && hex.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
            Optional<ImageIndex.Entry> byId =
                    all.stream().filter(e -> e.id().startsWith("sha256:" + hex)).findFirst();
            if (byId.isPresent() || reference.startsWith("sha256:")) {
                return byId;
            }
        }
        Reference r = Reference.parse(reference);
        String wanted = r.digest() == null ? r.toString() : r.name() + "@" + r.digest();
        return all.stream()
                .filter(e -> e.tags().contains(wanted) || e.digests().contains(wanted))
                .findFirst();
    }

    private Path blob(String id) {
        return dir.resolve("blobs/sha256").resolve(id.substring("sha256:".length()));
    }

    @Override
    public void close() {
        registry.close();
    }
}
