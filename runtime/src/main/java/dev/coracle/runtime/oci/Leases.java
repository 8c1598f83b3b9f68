package dev.coracle.runtime.oci;

import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.os.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What running pulls of this and of other processes hold on to: the layers that they have unpacked, or have found
 * unpacked and will not fetch, while no image has them yet. A lease is a file that names its process and lists chain
 * IDs; it is over when the pull removes it or the process is no more. To be called under the index's lock.
 */
final class Leases {
    private final Path dir;
    private final Entropy entropy;

    Leases(Path dir, Entropy entropy) throws IOException {
        this.dir = Files.createDirectories(dir);
        this.entropy = entropy;
    }

    /** A name of a file that tells whose it is. */
    static String name(Entropy entropy) {
        long pid = ProcessHandle.current().pid();
        return pid + "-" + Processes.startTime(pid) + "-"
                + entropy.uuid().toString().substring(0, 8);
    }

    /** Whether the process that gave a file this {@link #name} lives; its id alone may be another's by now. */
    static boolean isAlive(String name) {
        String[] parts = name.split("-", 3);
        try {
            long start = parts.length < 3 ? 0 : Long.parseLong(parts[1]);
            return start > 0 && Processes.startTime(Long.parseLong(parts[0])) == start;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    Path take(List<String> chain) throws IOException {
        Path lease = dir.resolve(name(entropy));
        Trees.write(lease, chain);
        return lease;
    }

    /** The chain IDs of all leases; those that are over are removed. */
    Set<String> held() throws IOException {
        Set<String> held = new HashSet<>();
        for (String name : Containers.names(dir)) {
            Path lease = dir.resolve(name);
            if (!isAlive(name)) {
                Files.deleteIfExists(lease);
                continue;
            }
            try {
                held.addAll(Trees.strings(Json.parse(Files.readAllBytes(lease))));
            } catch (NoSuchFileException | MalformedJsonException e) {
                // Over since the look, or on its way to its name and so not taken yet.
            }
        }
        return held;
    }
}
