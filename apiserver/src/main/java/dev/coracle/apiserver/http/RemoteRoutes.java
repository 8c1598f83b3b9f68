package dev.coracle.apiserver.http;

import dev.coracle.apiserver.aggregation.Aggregation;
import dev.coracle.machinery.object.StatusException;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * {@code /apis/GROUP/VERSION} and what lies below, where an APIService names another server for it: whoever may ask is
 * carried there. It is asked for exactly what was authorized, whatever a path can be read as.
 */
final class RemoteRoutes {
    private static final String OPENAPI = "openapi";
    private static final String PLAIN = "-._~!$&'()*+,;=:@";

    private final Aggregation aggregation;

    RemoteRoutes(Aggregation aggregation) {
        this.aggregation = aggregation;
    }

    /** Answers, if this is one of them. */
    boolean handles(Request request, Answer answer) {
        List<String> parts = Arrays.stream(request.path().split("/"))
                .filter(s -> !s.isEmpty())
                .toList();
        // /openapi/v3/apis/GROUP/VERSION is about them.
        int at = parts.size() == 5
                        && parts.get(0).equals(OPENAPI)
                        && parts.get(1).equals("v3")
                ? 2
                : 0;
        if (parts.size() < at + 3
                || !parts.get(at).equals("apis")
                || !aggregation.isRemote(parts.get(at + 1), parts.get(at + 2))) {
            return false;
        }
        if (parts.contains(".") || parts.contains("..")) {
            throw StatusException.badRequest("the request's URL is malformed");
        }
        try {
            answer.relay(aggregation.destination(
                    parts.get(at + 1),
                    parts.get(at + 2),
                    request.user(),
                    target(request, parts),
                    request.info().isLongRunning()
                            || !request.header(HttpHeaderNames.UPGRADE.toString())
                                    .isEmpty()));
        } catch (StatusException e) {
            // Upstream's aggregator words these as text.
            answer.send(
                    e.code(),
                    "text/plain; charset=utf-8",
                    (e.getMessage() + "\n").getBytes(StandardCharsets.UTF_8),
                    Map.of("x-content-type-options", "nosniff"));
        }
        return true;
    }

    private static String target(Request request, List<String> parts) {
        StringBuilder target = new StringBuilder();
        for (String part : parts) {
            target.append('/');
            for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
                char c = (char) (b & 0xff);
                boolean plain = c < 128 && (Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0);
                target.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
            }
        }
        if (request.path().endsWith("/")) {
            target.append('/');
        }
        StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
        request.query().forEach((name, values) -> values.forEach(v -> query.add(encoded(name) + "=" + encoded(v))));
        return target.append(query).toString();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
