package dev.coracle.cluster;

import java.util.Arrays;
import java.util.Locale;

/** For what machine a cluster's process is set up: the launcher chooses its flags by it. */
public enum Profile {
    /** Small: one compiler, a serial collector that gives memory back, 512 MiB of heap. */
    LAPTOP,
    /** Fast: both compilers, a collector that works beside, half of the machine's memory if it comes to that. */
    SERVER;

    /** @throws IllegalArgumentException for what is no profile */
    public static Profile of(String text) {
        return Arrays.stream(values())
                .filter(p -> p.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "there is no profile \"" + text + "\": " + LAPTOP + " and " + SERVER + " are known"));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
