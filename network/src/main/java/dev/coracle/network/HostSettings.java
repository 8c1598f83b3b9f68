package dev.coracle.network;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Kernel settings that clusters need and that the machine has only once. A file under {@code /run} says what each was
 * before the first cluster came, and which clusters need it now; when the last of them goes, be it by name after a kill,
 * the setting becomes what it was. A reboot resets settings and file alike.
 *
 * <pre>{"net/ipv4/ip_forward": {"before": "0", "users": [0, 3]}}</pre>
 */
final class HostSettings {
    private final Path dir;
    private final Path kernel;

    HostSettings() {
        this(Path.of("/run/coracle"), Path.of("/proc/sys"));
    }

    /** @param kernel where settings are files */
    HostSettings(Path dir, Path kernel) {
        this.dir = dir;
        this.kernel = kernel;
    }

    /** A change of the file, under its lock. */
    @FunctionalInterface
    private interface Change {
        void apply(Map<String, Object> settings) throws IOException;
    }

    /** @return whether the kernel knows the setting */
    boolean exists(String setting) {
        return Files.exists(kernel.resolve(setting));
    }

    /**
     * Sets a value for as long as cluster {@code index} needs it.
     *
     * @param absent what counts as its former value if nobody remembers one, {@code ""} for the present value
     * @throws IllegalStateException when the kernel refuses
     */
    void need(int index, String setting, String value, String absent) {
        change(settings -> {
            Path file = kernel.resolve(setting);
            String now = Files.readString(file).strip();
            Unstructured known = new Unstructured(settings).object(setting);
            List<Object> users = new ArrayList<>(users(known));
            if (!users.contains((long) index)) {
                users.add((long) index);
            }
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("before", known.stringOr(absent.isEmpty() ? now : absent, "before"));
            entry.put("users", users);
            settings.put(setting, entry);
            if (!now.equals(value)) {
                Files.writeString(file, value);
            }
        });
    }

    /** Cluster {@code index} needs nothing any more. */
    void release(int index) {
        if (!Files.exists(file())) {
            return;
        }
        change(settings -> {
            for (String setting : List.copyOf(settings.keySet())) {
                Unstructured known = new Unstructured(settings).object(setting);
                List<Object> users = new ArrayList<>(users(known));
                users.remove((Object) (long) index);
                if (users.isEmpty()) {
                    settings.remove(setting);
                    if (exists(setting)) {
                        Files.writeString(kernel.resolve(setting), known.string("before"));
                    }
                } else {
                    known.set(users, "users");
                    settings.put(setting, known.map());
                }
            }
        });
    }

    private static List<Object> users(Unstructured entry) {
        return entry.get("users") instanceof List<?> l ? List.copyOf(l) : List.of();
    }

    private Path file() {
        return dir.resolve("settings.json");
    }

    private void change(Change change) {
        try {
            Files.createDirectories(
                    dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try (FileChannel lock = FileChannel.open(
                            dir.resolve(".settings.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var held = lock.lock()) {
                Map<String, Object> settings = Files.exists(file()) && held.isValid()
                        ? Unstructured.parse(Files.readAllBytes(file())).copy().map()
                        : new LinkedHashMap<>();
                change.apply(settings);
                Path part = dir.resolve("settings.json.part");
                Files.write(part, Json.bytes(settings));
                Files.move(part, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("kernel settings cannot be changed: " + e.getMessage(), e);
        }
    }
}
