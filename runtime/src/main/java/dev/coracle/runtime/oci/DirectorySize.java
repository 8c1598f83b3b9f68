package dev.coracle.runtime.oci;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** The sum of the sizes of the plain files under a directory, in bytes. */
final class DirectorySize extends SimpleFileVisitor<Path> {
    private long total;

    private DirectorySize() {}

    static long of(Path directory) throws IOException {
        DirectorySize visitor = new DirectorySize();
        Files.walkFileTree(directory, visitor);
        return visitor.total;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        if (attributes.isRegularFile()) {
            total += attributes.size();
        }
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
        return FileVisitResult.CONTINUE;
    }
}
