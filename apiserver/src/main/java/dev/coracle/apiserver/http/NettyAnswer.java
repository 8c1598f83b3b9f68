package dev.coracle.apiserver.http;

import dev.coracle.apiserver.proxy.Destination;
import dev.coracle.apiserver.proxy.Relay;
import dev.coracle.apiserver.proxy.WebSocketStream;
import dev.coracle.machinery.object.StatusException;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** The answer to one request of one connection. */
final class NettyAnswer implements Answer {
    private static final int PIECE = 64 << 10;
    private static final Duration LINGER = Duration.ofMillis(500);

    private final ChannelHandlerContext ctx;
    private final HttpRequest request;
    private final byte[] body;
    private final Relay relay;
    private final Encodings encodings;
    private final Duration patience;
    private final IntConsumer told;
    private final Runnable answered;
    private final boolean keepAlive;
    private boolean begun;

    /** Of every answer to the request, whatever it is. */
    private Map<String, String> always = Map.of();

    private Runnable whenBegun = () -> {};

    /**
     * @param patience how long a client may leave a part of a stream unread
     * @param told is told the code, 0 where another server answers
     * @param answered is run on the event loop when the connection is free for the next request
     */
    NettyAnswer(
            ChannelHandlerContext ctx,
            HttpRequest request,
            byte[] body,
            Relay relay,
            Encodings encodings,
            Duration patience,
            IntConsumer told,
            Runnable answered) {
        this.told = told;
        this.encodings = encodings;
        this.patience = patience;
        this.ctx = ctx;
        this.request = request;
        this.body = body;
        this.relay = relay;
        this.answered = answered;
        this.keepAlive = HttpUtil.isKeepAlive(request);
    }

    /** Adds headers to whatever is answered. */
    void always(Map<String, String> headers) {
        always = headers;
    }

    /** @param action is run when what remains of the answer costs little */
    void whenBegun(Runnable action) {
        whenBegun = action;
    }

    @Override
    public void begun() {
        whenBegun.run();
    }

    void fail(StatusException e) {
        if (begun) {
            ctx.close();
        } else {
            finish(write(e, keepAlive));
        }
    }

    /**
     * Answers a request of which more may be on the way, and closes the connection a moment later: closed at once, it would
     * be reset, and the client might never read why.
     */
    void refuse(StatusException e) {
        begun = true;
        write(e, false)
                .addListener(
                        sent -> ctx.executor().schedule(() -> ctx.close(), LINGER.toMillis(), TimeUnit.MILLISECONDS));
    }

    private ChannelFuture write(StatusException e, boolean alive) {
        told.accept(e.code());
        long seconds = e.details().integer(0, "retryAfterSeconds");
        Map<String, String> headers = seconds > 0 ? Map.of("retry-after", "" + seconds) : Map.of();
        Representation.Format format = Representation.ofRefusal(header(HttpHeaderNames.ACCEPT));
        byte[] status = encodings.bytes(format, e.status().map());
        return write(e.code(), format.mediaType(), status, headers, alive);
    }

    private String header(CharSequence name) {
        return request.headers().get(name, "");
    }

    @Override
    public void send(int code, String contentType, byte[] body, Map<String, String> more) {
        begun = true;
        told.accept(code);
        byte[] bytes = body;
        Map<String, String> headers = more;
        if (Gzip.fits(header(HttpHeaderNames.ACCEPT_ENCODING), contentType, body)) {
            bytes = Gzip.compress(body);
            headers = new LinkedHashMap<>(more);
            headers.put("content-encoding", "gzip");
            headers.merge("vary", "Accept-Encoding", (a, b) -> a + ", " + b);
        }
        if (bytes.length <= PIECE || ctx.executor().inEventLoop()) {
            finish(write(code, contentType, bytes, headers, keepAlive));
            return;
        }
        var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(code));
        describe(response, contentType, bytes.length, headers, keepAlive);
        ctx.write(response);
        // Much goes out as it is read, so that many who do not read it leave the heap and the others alone.
        try {
            chunks(() -> {}).write(bytes);
        } catch (IOException e) {
            // The client is gone, or does not read.
            return;
        }
        finish(ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
    }

    private ChannelFuture write(
            int code, String contentType, byte[] bytes, Map<String, String> headers, boolean alive) {
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(code), Unpooled.wrappedBuffer(bytes));
        describe(response, contentType, bytes.length, headers, alive);
        return ctx.writeAndFlush(response);
    }

    private void describe(
            HttpResponse response, String contentType, int length, Map<String, String> headers, boolean alive) {
        int code = response.status().code();
        if (length > 0) {
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
        }
        response.headers().set(HttpHeaderNames.CACHE_CONTROL, "no-cache, private");
        always.forEach((name, value) -> response.headers().set(name, value));
        headers.forEach((name, value) -> response.headers().set(name, value));
        if (code != 204 && code != 304) {
            HttpUtil.setContentLength(response, length);
        }
        HttpUtil.setKeepAlive(response, alive);
    }

    private NettyStream chunks(Runnable end) {
        return new NettyStream(
                (bytes, from, length) ->
                        ctx.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes, from, length))),
                PIECE,
                end);
    }

    private void finish(ChannelFuture sent) {
        if (keepAlive) {
            try {
                ctx.executor().execute(answered);
            } catch (RejectedExecutionException e) {
                // The server closes, and its connections with it.
            }
        } else {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public Stream stream(int code, String contentType) {
        begun = true;
        told.accept(code);
        if (WebSocketStream.wanted(request)) {
            var socket = new CompletableFuture<WebSocketStream>();
            var framing = contentType.startsWith("application/json")
                    ? WebSocketStream.Framing.TEXT
                    : WebSocketStream.Framing.BINARY;
            ctx.executor().execute(() -> socket.complete(WebSocketStream.begin(ctx, request, framing)));
            ctx.channel().config().setAutoRead(true);
            WebSocketStream frames = socket.join();
            return new NettyStream((bytes, from, length) -> frames.send(bytes), Integer.MAX_VALUE, frames::close);
        }
        var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(code));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, contentType)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-cache, private");
        always.forEach((name, value) -> response.headers().set(name, value));
        HttpUtil.setTransferEncodingChunked(response, true);
        ctx.writeAndFlush(response);
        // Reading goes on, so that a closed connection is noticed.
        ctx.channel().config().setAutoRead(true);
        return chunks(() -> finish(ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)));
    }

    @Override
    public void relay(Destination to) {
        begun = true;
        ctx.channel().config().setAutoRead(true);
        relay.carry(to, request, body, ctx, new Relay.Outcome() {
            @Override
            public void answered() {
                told.accept(0);
                // Empty, but behind all that was written: what closes the connection waits for it.
                finish(ctx.writeAndFlush(Unpooled.EMPTY_BUFFER));
            }

            @Override
            public void failed(StatusException why) {
                begun = false;
                fail(why);
            }
        });
    }

    /** Sends a part of what a stream writes. */
    private interface Sender {
        ChannelFuture send(byte[] bytes, int from, int length);
    }

    private final class NettyStream implements Answer.Stream {
        private final Sender sender;
        private final int piece;
        private final Runnable end;

        /** @param piece how much is sent at once, since TLS makes a copy of that for as long as nobody reads it */
        NettyStream(Sender sender, int piece, Runnable end) {
            this.sender = sender;
            this.piece = piece;
            this.end = end;
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            for (int from = 0; from < bytes.length; from += piece) {
                send(bytes, from, Math.min(piece, bytes.length - from));
            }
        }

        private void send(byte[] bytes, int from, int length) throws IOException {
            var sent = new CountDownLatch(1);
            sender.send(bytes, from, length).addListener(f -> sent.countDown());
            try {
                if (!sent.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                    ctx.close();
                    throw new IOException("the client does not read");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (!ctx.channel().isActive()) {
                throw new IOException("the client is gone");
            }
        }

        @Override
        public void onGone(Runnable action) {
            ctx.channel().closeFuture().addListener(f -> action.run());
        }

        @Override
        public void close() {
            end.run();
        }
    }
}
