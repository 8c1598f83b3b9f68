package dev.coracle.flowforge.api;

import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/** The API key. A service that was given none lets nobody in. */
record Key(String key) {
    boolean opens(Context ctx) {
        String given = Optional.ofNullable(ctx.header("X-API-Key")).orElse("");
        // In a time that tells nothing of how much of it was right.
        return !key.isEmpty()
                && MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), key.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "Key";
    }
}
