package dev.coracle.flowforge.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The files that come with the program. */
final class ClassPath {
    private ClassPath() {}

    /** @param name below {@code dev/coracle/flowforge} */
    static byte[] read(String name) {
        try (InputStream in = ClassPath.class.getResourceAsStream("/dev/coracle/flowforge/" + name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not on the class path");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
