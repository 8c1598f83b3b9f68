package dev.coracle.network.pod;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who has which address. The file {@code <ip>} says so; it is written before the address is used and removed after. New
 * addresses go round the range, so that one just freed rests as long as possible: peers may still hold connections to
 * its former owner. Not thread-safe; its owner locks.
 */
final class Addresses {
    private static final int FIRST = 2;
    private static final int LAST = 254;

    private final Path dir;
    private final String prefix;
    private final Map<String, Allocation> bySandbox = new HashMap<>();
    private final Map<Integer, String> byNumber = new HashMap<>();
    private int last = FIRST - 1;

    /** @param hostPorts nft elements {@code 172.30.0.2 . tcp . 8080} that lead here */
    record Allocation(String sandboxId, String ip, List<String> hostPorts) {}

    Addresses(Path dir, String prefix) {
        this.dir = dir;
        this.prefix = prefix;
    }

    void load() {
        try {
            Files.createDirectories(dir);
            try (Stream<Path> files = Files.list(dir)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    read(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        if (name.equals("last")) {
            last = Integer.parseInt(Files.readString(file).strip());
        } else if (name.startsWith(prefix) && !name.endsWith(".new")) {
            var o = Unstructured.parse(Files.readAllBytes(file));
            remember(new Allocation(o.string("sandbox"), name, o.stringList("hostPorts")));
        }
    }

    private void remember(Allocation a) {
        bySandbox.put(a.sandboxId(), a);
        byNumber.put(number(a.ip()), a.sandboxId());
    }

    private int number(String ip) {
        return Integer.parseInt(ip.substring(prefix.length()));
    }

    Optional<Allocation> of(String sandboxId) {
        return Optional.ofNullable(bySandbox.get(sandboxId));
    }

    List<Allocation> all() {
        return List.copyOf(bySandbox.values());
    }

    /** @throws IllegalStateException when the range is used up */
    Allocation allocate(String sandboxId, List<String> hostPorts) {
        for (int i = 0; i <= LAST - FIRST; i++) {
            last = last >= LAST ? FIRST : last + 1;
            if (!byNumber.containsKey(last)) {
                var a = new Allocation(sandboxId, prefix + last, List.copyOf(hostPorts));
                var file = new LinkedHashMap<String, Object>();
                file.put("sandbox", sandboxId);
                file.put("hostPorts", a.hostPorts());
                write(a.ip(), Json.bytes(file));
                write("last", Integer.toString(last).getBytes(java.nio.charset.StandardCharsets.UTF_8));
                remember(a);
                return a;
            }
        }
        throw new IllegalStateException(
                "no IP addresses available in range set: " + prefix + FIRST + "-" + prefix + LAST);
    }

    void free(Allocation a) {
        try {
            Files.deleteIfExists(dir.resolve(a.ip()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        bySandbox.remove(a.sandboxId());
        byNumber.remove(number(a.ip()));
    }

    private void write(String name, byte[] content) {
        try {
            Path temporary = Files.write(dir.resolve(name + ".new"), content);
            Files.move(temporary, dir.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
