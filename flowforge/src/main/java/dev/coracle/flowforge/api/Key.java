package dev.coracle.flowforge.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** The API key. A service that was given none lets nobody in. */
record Key(String key) {
    /** @param given the header {@code X-API-Key}, if it was sent */
    boolean opens(@Nullable String given) {
        // In a time that tells nothing of how much of it was right.
        return given != null
                && !key.isEmpty()
                && MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), key.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "Key";
    }
}
