package dev.coracle.cluster;

import dev.coracle.apiserver.encryption.EncryptionConfiguration;
import dev.coracle.machinery.env.Entropy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;

/**
 * How a cluster's API server seals what it stores. The file that was given once holds for later starts too. Without one
 * Secrets are sealed with a key that the cluster made for itself; what was sealed with that one stays readable when a file
 * comes that does not know it.
 */
public record EncryptionConfig(ClusterPaths paths) {
    private static final int KEY_BYTES = 32;

    /**
     * A file's text, if the API server understands it.
     *
     * @throws IllegalArgumentException that says what is wrong with it
     */
    public static String check(Path file) throws IOException {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new IllegalArgumentException("error while parsing file: error while loading file: error reading"
                    + " encryption provider configuration file \"" + file + "\": there is no such file, or it cannot be"
                    + " read");
        }
        String text = Files.readString(file);
        EncryptionConfiguration unused = EncryptionConfiguration.parse(file.toString(), text);
        return text;
    }

    /** Keeps a text for this start and those to come; {@code ""} returns to the cluster's own key. */
    public void keep(String text) throws IOException {
        if (text.isEmpty()) {
            Files.deleteIfExists(paths.encryptionConfig());
            return;
        }
        write(paths.encryptionConfig(), text);
    }

    EncryptionConfiguration read(Entropy entropy) throws IOException {
        Path given = paths.encryptionConfig();
        Path own = paths.encryptionKey();
        if (!Files.exists(given)) {
            if (!Files.exists(own)) {
                write(own, text(entropy));
            }
            return parse(own);
        }
        EncryptionConfiguration configuration = parse(given);
        return Files.exists(own) ? configuration.readingAlso(parse(own)) : configuration;
    }

    private static EncryptionConfiguration parse(Path file) throws IOException {
        return EncryptionConfiguration.parse(file.toString(), Files.readString(file));
    }

    /** Secrets of a cluster that had no key are plain, and stay readable. */
    private static String text(Entropy entropy) {
        return """
                apiVersion: apiserver.config.k8s.io/v1
                kind: EncryptionConfiguration
                resources:
                - resources: [secrets]
                  providers:
                  - secretbox:
                      keys:
                      - name: coracle
                        secret: %s
                  - identity: {}
                """.formatted(Base64.getEncoder().encodeToString(entropy.bytes(KEY_BYTES)));
    }

    /** For nobody else to read, from its first byte on. */
    private static void write(Path file, String text) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(part);
        Files.createFile(part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(part, text);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
