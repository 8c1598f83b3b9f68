package dev.coracle.cli.demo;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** Unpacks PostgreSQL as Maven Central has it: a jar with one {@code .txz} in it. */
final class PostgresqlFiles {
    private PostgresqlFiles() {}

    /** Everything a server needs; what only builds against it is left out. */
    static void unpack(Path jar, Path target) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                if (entry.getName().endsWith(".txz")) {
                    try (InputStream in = new BufferedInputStream(zip.getInputStream(entry), 64 * 1024)) {
                        extract(in, target);
                        return;
                    }
                }
            }
        }
        throw new IOException(jar + " has no .txz in it");
    }

    private static void extract(InputStream txz, Path target) throws IOException {
        try (var tar = new TarArchiveInputStream(new XZInputStream(txz))) {
            for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
                Path file = target.resolve(e.getName()).normalize();
                if (!file.startsWith(target)) {
                    throw new IOException("the archive has a path outside of it: " + e.getName());
                }
                if (e.isDirectory() || forDevelopment(e.getName())) {
                    continue;
                }
                Files.createDirectories(file.getParent() == null ? target : file.getParent());
                if (e.isSymbolicLink()) {
                    Files.createSymbolicLink(file, Path.of(e.getLinkName()));
                } else if (e.isFile()) {
                    Files.copy(tar, file);
                    boolean program = (e.getMode() & 0100) != 0;
                    Files.setPosixFilePermissions(
                            file, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
                }
            }
        }
    }

    private static boolean forDevelopment(String name) {
        return name.endsWith(".a") || name.contains("/include/") || name.contains("/pkgconfig/");
    }
}
