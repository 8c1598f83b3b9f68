package dev.coracle.runtime.oci;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** Follows paths as if a directory were {@code /}, so that no link and no {@code ..} leads outside of it. */
final class RootedPath {
    private static final int MAX_LINKS = 40;

    private RootedPath() {}

    /** The relative path that an archive's entry name means: no leading slash, no {@code .}, {@code ..} stopped at top. */
    static Path clean(String name) {
        Path p = Path.of("/" + name).normalize();
        return Path.of("/").relativize(p);
    }

    /** Where {@code path} leads inside {@code root}; what does not exist yet is taken literally. */
    static Path resolve(Path root, Path path) throws IOException {
        Deque<String> rest = new ArrayDeque<>();
        path.forEach(part -> rest.addLast(part.toString()));
        Path at = root;
        int links = 0;
        while (!rest.isEmpty()) {
            String part = rest.removeFirst();
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (part.equals("..")) {
                at = at.equals(root) ? root : parent(at);
                continue;
            }
            Path next = at.resolve(part);
            if (!Files.isSymbolicLink(next)) {
                at = next;
                continue;
            }
            if (++links > MAX_LINKS) {
                throw new IOException(path + ": too many levels of symbolic links");
            }
            Path target = Files.readSymbolicLink(next);
            if (target.isAbsolute()) {
                at = root;
            }
            Deque<String> parts = new ArrayDeque<>();
            target.forEach(p -> parts.addFirst(p.toString()));
            parts.forEach(rest::addFirst);
        }
        return at;
    }

    private static Path parent(Path p) {
        Path parent = p.getParent();
        return parent == null ? p : parent;
    }
}
