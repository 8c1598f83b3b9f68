package dev.coracle.kubelet.volume;

import dev.coracle.machinery.os.OpenPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whole directory trees. */
public final class Trees {
    private Trees() {}

    /** Deletes all of it, following no link and entering no mount; nothing being there is fine. */
    public static void delete(Path root) throws IOException {
        Path path = root.toAbsolutePath();
        Path parent = path.getParent();
        if (parent == null || path.getFileName() == null) {
            throw new IOException("the root directory is not to be deleted");
        }
        if (!Files.isDirectory(parent)) {
            return;
        }
        try (OpenPath directory = OpenPath.directory(parent)) {
            directory.delete(path.getFileName().toString());
        }
    }
}
