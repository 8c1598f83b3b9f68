package dev.coracle.apiserver.registry;

import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;

/**
 * Where a list goes on, as upstream's {@code continue} tokens say it: all pages show the collection as it was when the
 * first was read.
 *
 * @param after the store key of the last object of the page before
 */
public record Continuation(long revision, String after) {
    private static final String VERSION = "meta.k8s.io/v1";

    /** @throws StatusException 400 for what is no token */
    public static Continuation parse(String token) {
        try {
            byte[] json = Base64.getUrlDecoder().decode(token);
            Unstructured t = Unstructured.parse(json);
            if (!t.string("v").equals(VERSION)
                    || t.integer(0, "rv") <= 0
                    || t.string("start").isEmpty()) {
                throw new IllegalArgumentException("server does not recognize this encoded version");
            }
            return new Continuation(t.integer(0, "rv"), t.string("start"));
        } catch (IllegalArgumentException | MalformedJsonException e) {
            throw StatusException.badRequest("continue key is not valid: " + e.getMessage());
        }
    }

    public String token() {
        Unstructured t = new Unstructured(new LinkedHashMap<>());
        t.set(VERSION, "v").set(revision, "rv").set(after, "start");
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(t.toString().getBytes(StandardCharsets.UTF_8));
    }
}
