package dev.coracle.cluster;

import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.scheduler.KubeSchedulerConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The file that says how a cluster's scheduler decides: given once, it holds for later starts too. */
public record SchedulerConfig(ClusterPaths paths) {
    /**
     * A file's text, if the scheduler understands it.
     *
     * @throws IllegalArgumentException that says what is wrong with it
     */
    public static String check(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException(file + ": there is no such file, or it cannot be read");
        }
        String text = Files.readString(file);
        parse(file, text);
        return text;
    }

    /** Keeps a text for this start and those to come; {@code ""} returns to the defaults. */
    public void keep(String text) throws IOException {
        if (text.isEmpty()) {
            Files.deleteIfExists(paths.schedulerConfig());
            return;
        }
        Path part = paths.dir().resolve("scheduler-config.yaml.part");
        Files.writeString(part, text);
        Files.move(part, paths.schedulerConfig(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    KubeSchedulerConfiguration read() throws IOException {
        Path file = paths.schedulerConfig();
        return Files.exists(file) ? parse(file, Files.readString(file)) : KubeSchedulerConfiguration.DEFAULT;
    }

    private static KubeSchedulerConfiguration parse(Path file, String text) {
        try {
            return KubeSchedulerConfiguration.parse(text);
        } catch (IllegalArgumentException | MalformedJsonException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }
}
