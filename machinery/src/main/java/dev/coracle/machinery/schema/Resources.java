package dev.coracle.machinery.schema;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** The generated files: lines of words between tabs. */
final class Resources {
    private Resources() {}

    /** Hands on each line's words; none if there is no such file. */
    static void lines(String file, Consumer<String[]> to) {
        InputStream in = Resources.class.getResourceAsStream(file);
        if (in == null) {
            return;
        }
        try (var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                to.accept(line.split("\t"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
