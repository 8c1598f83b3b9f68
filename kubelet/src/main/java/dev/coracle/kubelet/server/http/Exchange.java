package dev.coracle.kubelet.server.http;

import dev.coracle.kubelet.server.stream.Outflow;
import dev.coracle.kubelet.server.stream.Upgrade;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A request and its answer: a body, a stream, or another protocol. Used by one task. */
public final class Exchange {
    private static final String TEXT = "text/plain; charset=utf-8";

    private final Channel channel;
    private final FullHttpRequest request;
    private final QueryStringDecoder uri;
    private final Runnable answered;
    private boolean begun;

    Exchange(Channel channel, FullHttpRequest request, Runnable answered) {
        this.channel = channel;
        // The body is of no interest to any endpoint, so that nothing has to be released later.
        this.request = new DefaultFullHttpRequest(
                request.protocolVersion(),
                request.method(),
                request.uri(),
                Unpooled.EMPTY_BUFFER,
                request.headers(),
                EmptyHttpHeaders.INSTANCE);
        this.uri = new QueryStringDecoder(request.uri());
        this.answered = answered;
    }

    /** What carries it, for the streams of an {@link #upgrade}. */
    public Channel channel() {
        return channel;
    }

    public String method() {
        return request.method().name();
    }

    /** The path as it was sent, still percent-encoded. */
    public String path() {
        return uri.rawPath();
    }

    /** All values of a query parameter, decoded. */
    public List<String> query(String name) {
        try {
            return uri.parameters().getOrDefault(name, List.of());
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, "the request's URL is malformed");
        }
    }

    public Optional<String> firstQuery(String name) {
        return query(name).stream().findFirst();
    }

    /** The words of a header that holds a list, over all its lines. */
    public List<String> headerWords(String name) {
        return request.headers().getAll(name).stream()
                .flatMap(line -> Arrays.stream(line.split(",")))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    public boolean hasHeaderWord(String name, String word) {
        return headerWords(name).stream().anyMatch(word::equalsIgnoreCase);
    }

    /** Runs {@code action} when the connection has ended, now if it has. It must not block. */
    public void onGone(Runnable action) {
        channel.closeFuture().addListener(f -> action.run());
    }

    public void answer(int code, String contentType, byte[] body) {
        begun = true;
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(code), Unpooled.wrappedBuffer(body));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
        HttpUtil.setContentLength(response, body.length);
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        HttpUtil.setKeepAlive(response, keepAlive);
        // Before the answer is out: the next request may come at once.
        answered.run();
        var sent = channel.writeAndFlush(response);
        if (!keepAlive) {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
    }

    public void answer(int code, String text) {
        answer(code, TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Says no, as long as nothing else was said; then all that is left is to end the connection. */
    void refuse(int code, String text) {
        if (begun) {
            abort();
        } else {
            answer(code, text);
        }
    }

    void abort() {
        channel.close();
    }

    /** 200 and a body of unknown length. A write returns when its bytes are on their way. */
    public OutputStream body() {
        begun = true;
        var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, TEXT);
        HttpUtil.setTransferEncodingChunked(response, true);
        channel.writeAndFlush(response);
        return new Outflow(channel, DefaultHttpContent::new, () -> {
            answered.run();
            return LastHttpContent.EMPTY_LAST_CONTENT;
        });
    }

    /** Switches protocols: says 101 and hands the connection over. Returns when that is done. */
    public void upgrade(Upgrade upgrade) throws IOException, InterruptedException {
        begun = true;
        var done = channel.newPromise();
        channel.eventLoop().execute(() -> {
            try {
                channel.pipeline().remove("requests");
                upgrade.begin(channel, request, done);
            } catch (RuntimeException e) {
                done.tryFailure(e);
            }
        });
        done.await();
        if (!done.isSuccess()) {
            throw new IOException("the connection could not be upgraded", done.cause());
        }
    }

    public boolean wantsUpgradeTo(String protocol) {
        return hasHeaderWord(HttpHeaderNames.CONNECTION.toString(), HttpHeaderValues.UPGRADE.toString())
                && hasHeaderWord(HttpHeaderNames.UPGRADE.toString(), protocol);
    }
}
