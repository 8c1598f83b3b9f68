package dev.coracle.cli.kubectl.proxy;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/** What the proxy says itself, in the words of Go's {@code net/http}. */
final class Answers {
    private Answers() {}

    static FullHttpResponse error(HttpResponseStatus status, String text) {
        FullHttpResponse answer =
                of(status, "text/plain; charset=utf-8", (text + "\n").getBytes(StandardCharsets.UTF_8));
        answer.headers().set("X-Content-Type-Options", "nosniff");
        return answer;
    }

    static FullHttpResponse notFound() {
        return error(HttpResponseStatus.NOT_FOUND, "404 page not found");
    }

    /** @param to a path, or one relative to what was asked for */
    static FullHttpResponse moved(String to) {
        String page = "<a href=\"" + html(to) + "\">Moved Permanently</a>.\n\n";
        FullHttpResponse answer = of(
                HttpResponseStatus.MOVED_PERMANENTLY,
                "text/html; charset=utf-8",
                page.getBytes(StandardCharsets.UTF_8));
        answer.headers().set(HttpHeaderNames.LOCATION, to);
        return answer;
    }

    static FullHttpResponse of(HttpResponseStatus status, String type, byte[] body) {
        var answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
        answer.headers().set(HttpHeaderNames.CONTENT_TYPE, type).set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        return answer;
    }

    static String html(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&#34;")
                .replace("'", "&#39;");
    }
}
