package dev.coracle.runtime.oci.build;

import dev.coracle.machinery.json.Json;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Builds an image and writes it as {@code docker save} does, so that {@code docker load}, {@code ctr images import} and
 * {@link dev.coracle.runtime.oci.OciImageStore#loadImage} take it.
 *
 * <pre>{@code
 * new ImageBuilder("registry.example/api-service:v1")
 *         .layer(BaseImage.glibc())
 *         .layer(new Layer().copyTree(app, "/app"))
 *         .user("10001").entrypoint("/app/bin/api")
 *         .writeTo(Path.of("api-service.tar"));
 * }</pre>
 */
public final class ImageBuilder {
    private final List<String> names;
    private final List<Layer> layers = new ArrayList<>();
    private final Map<String, String> env = new TreeMap<>();
    private final Map<String, String> labels = new TreeMap<>();
    private final Map<String, Object> ports = new TreeMap<>();
    private List<String> entrypoint = List.of();
    private List<String> command = List.of();
    private String user = "";
    private String workingDir = "";
    private String stopSignal = "";

    /** @param names what the image is called, with tags */
    public ImageBuilder(String... names) {
        this.names = List.of(names);
    }

    /** Adds a layer on top of those added before. */
    public ImageBuilder layer(Layer layer) {
        layers.add(layer);
        return this;
    }

    public ImageBuilder entrypoint(String... words) {
        this.entrypoint = List.of(words);
        return this;
    }

    public ImageBuilder command(String... words) {
        this.command = List.of(words);
        return this;
    }

    public ImageBuilder env(String name, String value) {
        env.put(name, value);
        return this;
    }

    public ImageBuilder label(String name, String value) {
        labels.put(name, value);
        return this;
    }

    /** @param user a name, a uid or {@code uid:gid} */
    public ImageBuilder user(String user) {
        this.user = user;
        return this;
    }

    public ImageBuilder workingDir(String directory) {
        this.workingDir = directory;
        return this;
    }

    public ImageBuilder stopSignal(String signal) {
        this.stopSignal = signal;
        return this;
    }

    public ImageBuilder expose(int tcpPort) {
        ports.put(tcpPort + "/tcp", Map.of());
        return this;
    }

    /** Writes the archive. @return the image id, {@code sha256:…} */
    public String writeTo(Path archive) throws IOException {
        return writeAll(archive, List.of(this)).getFirst();
    }

    /**
     * Writes several images into one archive. A {@link Layer} that several of them have is in it once.
     *
     * @return their ids, in the order given
     */
    public static List<String> writeAll(Path archive, List<ImageBuilder> images) throws IOException {
        Path scratch = Files.createTempDirectory("image");
        List<Path> files = new ArrayList<>();
        Map<Layer, String> diffIdOf = new IdentityHashMap<>();
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(archive));
                TarArchiveOutputStream tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name())) {
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            List<String> ids = new ArrayList<>();
            List<Object> manifest = new ArrayList<>();
            for (ImageBuilder image : images) {
                List<String> diffIds = new ArrayList<>();
                for (Layer layer : image.layers) {
                    String diffId = diffIdOf.get(layer);
                    if (diffId == null) {
                        Path file = scratch.resolve(files.size() + ".tar.gz");
                        files.add(file);
                        diffId = compress(layer, file);
                        diffIdOf.put(layer, diffId);
                        add(tar, layerName(diffId), file);
                    }
                    diffIds.add(diffId);
                }
                byte[] config = Json.bytes(image.config(diffIds));
                String id = HexFormat.of().formatHex(sha256().digest(config));
                add(tar, id + ".json", config);
                ids.add("sha256:" + id);
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("Config", id + ".json");
                entry.put("RepoTags", image.names);
                entry.put(
                        "Layers", diffIds.stream().map(ImageBuilder::layerName).toList());
                manifest.add(entry);
            }
            add(tar, "manifest.json", Json.bytes(manifest));
            return ids;
        } finally {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(scratch);
        }
    }

    /** Fast rather than small: these archives are read once, on the machine that made them. */
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, 64 * 1024);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    private static String layerName(String diffId) {
        return diffId.substring("sha256:".length()) + ".tar.gz";
    }

    /** @return the digest of the uncompressed tar */
    private static String compress(Layer layer, Path file) throws IOException {
        MessageDigest digest = sha256();
        try (OutputStream zipped = new FastGzip(Files.newOutputStream(file));
                OutputStream out = new BufferedOutputStream(new DigestOutputStream(zipped, digest), 64 * 1024)) {
            layer.write(out);
        }
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    private Map<String, Object> config(List<String> diffIds) {
        Map<String, Object> run = new LinkedHashMap<>();
        put(run, "Entrypoint", entrypoint);
        put(run, "Cmd", command);
        List<String> assignments = new ArrayList<>();
        env.forEach((k, v) -> assignments.add(k + "=" + v));
        put(run, "Env", assignments);
        put(run, "User", user);
        put(run, "WorkingDir", workingDir);
        put(run, "StopSignal", stopSignal);
        if (!labels.isEmpty()) {
            run.put("Labels", labels);
        }
        if (!ports.isEmpty()) {
            run.put("ExposedPorts", ports);
        }
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("created", "1970-01-01T00:00:00Z");
        config.put("architecture", System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64");
        config.put("os", "linux");
        config.put("config", run);
        config.put("rootfs", Map.of("type", "layers", "diff_ids", diffIds));
        return config;
    }

    private static void put(Map<String, Object> map, String key, List<String> value) {
        if (!value.isEmpty()) {
            map.put(key, value);
        }
    }

    private static void put(Map<String, Object> map, String key, String value) {
        if (!value.isEmpty()) {
            map.put(key, value);
        }
    }

    private static void add(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setModTime(0L);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private static void add(TarArchiveOutputStream tar, String name, Path content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setModTime(0L);
        entry.setSize(Files.size(content));
        tar.putArchiveEntry(entry);
        try (InputStream in = Files.newInputStream(content)) {
            in.transferTo(tar);
        }
        tar.closeArchiveEntry();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
