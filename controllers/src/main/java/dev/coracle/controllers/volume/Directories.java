package dev.coracle.controllers.volume;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** The directories that are local volumes. Only what lies directly in the one for volumes is ever touched. */
final class Directories {
    private final Path volumes;

    Directories(Path volumes) {
        this.volumes = volumes.toAbsolutePath().normalize();
    }

    Path of(String volume) {
        return volumes.resolve(volume);
    }

    /** Open to whatever user the container runs as, as upstream's local provisioners leave it. */
    void create(String volume) throws IOException {
        Path directory = Files.createDirectories(of(volume));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    /** Deletes with all content; links are deleted and not followed. */
    void delete(String path) throws IOException {
        Path directory = Path.of(path).toAbsolutePath().normalize();
        if (!volumes.equals(directory.getParent())) {
            throw new IOException(path + " is not a volume of ours");
        }
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
