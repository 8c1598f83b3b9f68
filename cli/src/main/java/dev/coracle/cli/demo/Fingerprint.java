package dev.coracle.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * A key for what something is made of. Files count with name, size and two checksums, which the JVM computes at memory
 * speed in every tier of compilation, unlike a cryptographic digest: this guards against stale archives, not attackers.
 */
final class Fingerprint {
    private final MessageDigest digest;
    private final byte[] buffer = new byte[256 * 1024];

    Fingerprint() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    Fingerprint text(String text) {
        digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
        return this;
    }

    Fingerprint files(Collection<Path> files) throws IOException {
        for (Path file : files) {
            CRC32 crc = new CRC32();
            CRC32C castagnoli = new CRC32C();
            try (InputStream in = Files.newInputStream(file)) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    crc.update(buffer, 0, n);
                    castagnoli.update(buffer, 0, n);
                }
            }
            text(file.getFileName() + " " + Files.size(file) + " " + crc.getValue() + " " + castagnoli.getValue());
        }
        return this;
    }

    /** The code that makes something of the files, so that a change to it makes that anew. */
    Fingerprint code(Class<?>... classes) throws IOException {
        for (Class<?> c : classes) {
            String file = c.getName().substring(c.getName().lastIndexOf('.') + 1) + ".class";
            try (InputStream in = c.getResourceAsStream(file)) {
                digest.update(in == null ? new byte[0] : in.readAllBytes());
            }
        }
        return this;
    }

    /** 16 hexadecimal digits. */
    String key() {
        return HexFormat.of().formatHex(digest.digest(), 0, 8);
    }
}
