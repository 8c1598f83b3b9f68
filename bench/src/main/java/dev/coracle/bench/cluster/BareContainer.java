package dev.coracle.bench.cluster;

import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The least that a container costs on this machine: {@code runc run} of one that ends at once. */
final class BareContainer implements AutoCloseable {
    private static final List<Path> BUSYBOX = List.of(Path.of("/bin/busybox"), Path.of("/usr/bin/busybox"));

    private final Path bundle;

    private BareContainer(Path bundle) {
        this.bundle = bundle;
    }

    static BareContainer prepare() throws IOException, InterruptedException {
        Path bundle = Files.createTempDirectory("bench-container");
        Path bin = Files.createDirectories(bundle.resolve("rootfs/bin"));
        Path busybox = BUSYBOX.stream()
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new IOException("needs busybox: install busybox-static"));
        Files.copy(busybox, bin.resolve("busybox"), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        run(new ProcessBuilder("runc", "spec", "--bundle", bundle.toString()));
        Path config = bundle.resolve("config.json");
        Unstructured spec = Unstructured.parse(Files.readAllBytes(config))
                .set(false, "process", "terminal")
                .set(List.of("/bin/busybox", "true"), "process", "args");
        Files.write(config, spec.json());
        return new BareContainer(bundle);
    }

    /** Milliseconds from the command to its end. */
    double run(Clock clock) throws IOException, InterruptedException {
        String name = bundle.getFileName().toString();
        long began = clock.nanos();
        run(new ProcessBuilder("runc", "run", "--bundle", bundle.toString(), name));
        return clock.elapsed(began).toNanos() / 1e6;
    }

    private static void run(ProcessBuilder command) throws IOException, InterruptedException {
        if (command.inheritIO().start().waitFor() != 0) {
            throw new IOException("failed: " + String.join(" ", command.command()));
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        run(new ProcessBuilder("rm", "-rf", bundle.toString()));
    }
}
