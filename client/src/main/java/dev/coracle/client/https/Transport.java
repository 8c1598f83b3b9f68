package dev.coracle.client.https;

import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Carries requests to a server. A refusal is a {@link StatusException} with the server's own {@code Status}; a broken
 * connection an {@link java.io.UncheckedIOException}.
 */
public interface Transport {
    /**
     * A request and its whole answer.
     *
     * @param path begins with {@code /}, query included
     * @param type the body's media type; {@code ""} with no body
     */
    byte[] exchange(String method, String path, String accept, String type, byte[] body);

    /** A GET whose answer is read as it comes. Closing the stream ends it. */
    InputStream stream(String path, String accept);

    /** What an answer of 400 and more says. */
    static StatusException refusal(int code, byte[] body) {
        try {
            Unstructured status = Unstructured.parse(body);
            if (status.kind().equals("Status")) {
                return StatusException.of(code, status);
            }
        } catch (MalformedJsonException e) {
            // Not this API's: a proxy's page, or plain text.
        }
        String text = new String(body, StandardCharsets.UTF_8).trim();
        String reason = Map.of(
                        400, "BadRequest",
                        401, "Unauthorized",
                        403, "Forbidden",
                        404, "NotFound",
                        405, "MethodNotAllowed",
                        409, "Conflict",
                        410, "Gone",
                        500, "InternalError",
                        503, "ServiceUnavailable")
                .getOrDefault(code, "");
        return new StatusException(
                code,
                reason,
                text.isEmpty()
                        ? "the server answered " + code
                        : text.lines().findFirst().orElse(""));
    }
}
