package dev.coracle.apiserver.http;

import dev.coracle.machinery.object.StatusException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;

/** Which heads of requests are none. */
final class Heads {
    private Heads() {}

    /** @throws StatusException 431 for what is too long, 400 for what is no HTTP or can be read in more than one way */
    static void check(HttpRequest request) {
        Throwable why = request.decoderResult().cause();
        if (why instanceof TooLongHttpHeaderException || why instanceof TooLongHttpLineException) {
            throw new StatusException(431, "RequestHeaderFieldsTooLarge", "Request Header Fields Too Large");
        }
        if (why != null) {
            throw StatusException.badRequest("the request is not HTTP");
        }
        int hosts = request.headers().getAll(HttpHeaderNames.HOST).size();
        if (hosts > 1) {
            throw StatusException.badRequest("too many Host headers");
        }
        if (hosts == 0 && request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) >= 0) {
            throw StatusException.badRequest("missing required Host header");
        }
    }
}
