package dev.coracle.apiserver.registry;

import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;

/**
 * Where a list goes on, as upstream's {@code continue} tokens say it: all pages show the collection as it was when the
 * first was read.
 *
 * @param after the last object of the page before, relative to the collection that is listed: {@code web-0} in one
 *     namespace, {@code default/web-0} in all. So a token cannot lead out of what its reader may list.
 */
public record Continuation(long revision, String after) {
    private static final String VERSION = "meta.k8s.io/v1";
    private static final String INVALID = "continue key is not valid: ";

    /** @throws StatusException 400 for what is no token */
    public static Continuation parse(String token) {
        try {
            Unstructured t = Unstructured.parse(Base64.getUrlDecoder().decode(token));
            String start = t.string("start");
            if (!t.string("v").equals(VERSION)) {
                throw new IllegalArgumentException("server does not recognize this encoded version " + t.string("v"));
            }
            if (t.integer(0, "rv") <= 0) {
                throw new IllegalArgumentException("incorrect encoded start resourceVersion (version " + VERSION + ")");
            }
            if (start.isEmpty()) {
                throw new IllegalArgumentException("encoded start key empty (version " + VERSION + ")");
            }
            if (leadsAstray(start)) {
                throw new IllegalArgumentException(start);
            }
            return new Continuation(t.integer(0, "rv"), start.startsWith("/") ? start.substring(1) : start);
        } catch (IllegalArgumentException | MalformedJsonException e) {
            throw StatusException.badRequest(INVALID + e.getMessage());
        }
    }

    /** Whether a part of it is empty, {@code .} or {@code ..}: no object's key has such. */
    private static boolean leadsAstray(String start) {
        String relative = start.startsWith("/") ? start.substring(1) : start;
        return Arrays.stream(relative.split("/", -1)).anyMatch(p -> p.isEmpty() || p.equals(".") || p.equals(".."));
    }

    public String token() {
        Unstructured t = new Unstructured(new LinkedHashMap<>());
        t.set(VERSION, "v").set(revision, "rv").set(after, "start");
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(t.toString().getBytes(StandardCharsets.UTF_8));
    }
}
