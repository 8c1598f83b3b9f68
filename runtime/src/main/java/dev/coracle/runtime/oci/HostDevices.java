package dev.coracle.runtime.oci;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The host's device nodes, all of which a privileged container has. */
final class HostDevices {
    private static final int TYPE = 0170000;
    private static final int CHARACTER = 0020000;
    private static final int BLOCK = 0060000;

    private HostDevices() {}

    static List<Object> all() {
        List<Object> found = new ArrayList<>();
        add(Path.of("/dev"), found);
        return found;
    }

    private static void add(Path directory, List<Object> found) {
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : entries.toList()) {
                String name = entry.getFileName().toString();
                Map<String, Object> a =
                        Files.readAttributes(entry, "unix:mode,rdev,uid,gid", LinkOption.NOFOLLOW_LINKS);
                int mode = (int) Trees.number(a, "mode");
                int type = mode & TYPE;
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    // These are mounts of their own inside a container.
                    if (!List.of("pts", "shm", "fd", "mqueue").contains(name)) {
                        add(entry, found);
                    }
                } else if ((type == CHARACTER || type == BLOCK) && !name.equals("console") && !name.equals("ptmx")) {
                    long rdev = Trees.number(a, "rdev");
                    found.add(Map.of(
                            "path",
                            entry.toString(),
                            "type",
                            type == CHARACTER ? "c" : "b",
                            "major",
                            (rdev >> 8) & 0xfff,
                            "minor",
                            (rdev & 0xff) | ((rdev >> 12) & ~0xffL),
                            "fileMode",
                            (long) (mode & 0777),
                            "uid",
                            Trees.number(a, "uid"),
                            "gid",
                            Trees.number(a, "gid")));
                }
            }
        } catch (IOException e) {
            System.getLogger("coracle.runtime").log(System.Logger.Level.DEBUG, "devices of " + directory, e);
        }
    }
}
