package dev.coracle.apiserver.proxy;

import dev.coracle.apiserver.proxy.Destination.Kind;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The far side of a {@link Relay}: reads the answer and writes it to the client, and after {@code 101 Switching
 * Protocols} leaves both sides to a {@link Pump}.
 */
final class BackendHandler extends ChannelInboundHandlerAdapter {
    private static final int MAX_REFUSAL = 64 << 10;

    private enum Phase {
        HEAD,
        /** A 1xx that is not for the client. */
        INTERIM,
        SWITCHING,
        BODY,
        /** The body of a refusal that becomes a Status. */
        REFUSAL,
        DONE
    }

    private final Destination to;
    private final HttpRequest request;
    private final ChannelHandlerContext client;
    private final Relay.Outcome outcome;
    private Phase phase = Phase.HEAD;
    private final ByteArrayOutputStream refusal = new ByteArrayOutputStream();
    private int refusalCode;
    private @Nullable HttpResponse switching;
    private @Nullable ChannelFuture written;
    /** Where a page goes through. */
    private @Nullable HtmlLinks page;
    /** Where a log goes that is wanted in messages. */
    private @Nullable WebSocketStream messages;

    BackendHandler(Destination to, HttpRequest request, ChannelHandlerContext client, Relay.Outcome outcome) {
        this.to = to;
        this.request = request;
        this.client = client;
        this.outcome = outcome;
    }

    /** Sends the request. A client that goes away takes the connection along. */
    void begin(Channel backend, FullHttpRequest request) {
        client.channel().closeFuture().addListener(f -> {
            if (phase != Phase.DONE) {
                backend.close();
            }
        });
        limit(backend);
        // TLS shakes hands in reads too.
        backend.read();
        backend.writeAndFlush(request).addListener((ChannelFuture sent) -> {
            if (sent.isSuccess()) {
                backend.read();
            } else {
                fail(Relay.unreachable(to, sent.cause()));
                backend.close();
            }
        });
    }

    /** A server that does not answer must not hold its client for ever; only a watch may take as long as it likes. */
    private void limit(Channel backend) {
        Duration patience = to.api().map(Destination.Api::patience).orElse(Duration.ZERO);
        if (patience.isZero()) {
            return;
        }
        var end = client.executor()
                .schedule(
                        () -> {
                            boolean tunnel = phase == Phase.DONE;
                            fail(new StatusException(
                                    504, "Timeout", "Timeout: request did not complete within the allotted duration"));
                            if (!tunnel) {
                                backend.close();
                            }
                        },
                        patience.toMillis(),
                        TimeUnit.MILLISECONDS);
        backend.closeFuture().addListener(closed -> end.cancel(false));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof HttpResponse head) {
                head(ctx, head);
            }
            if (message instanceof HttpContent content) {
                content(ctx, content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void head(ChannelHandlerContext ctx, HttpResponse head) {
        if (!head.decoderResult().isSuccess()) {
            fail(new StatusException(502, "", "the answer of " + to.authority() + " is not HTTP"));
            ctx.close();
        } else if (head.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS) && to.kind() != Kind.LOG) {
            phase = Phase.SWITCHING;
            switching = head;
        } else if (head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            phase = Phase.INTERIM;
        } else if (to.kind() == Kind.LOG && head.status().codeClass() != HttpStatusClass.SUCCESS) {
            phase = Phase.REFUSAL;
            refusalCode = head.status().code();
        } else {
            phase = Phase.BODY;
            if (to.kind() == Kind.LOG && WebSocketStream.wanted(request)) {
                messages = WebSocketStream.begin(client, request, WebSocketStream.Framing.BINARY);
                // Upstream begins so, that a client may know the way is open.
                messages.send(new byte[0]);
            } else {
                client.write(answer(head));
            }
        }
    }

    /** Whether the answer is a page whose links lead elsewhere when they are followed from here. */
    private boolean hasLinks(HttpResponse answer) {
        String type = answer.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
        return !to.prefix().isEmpty()
                && type.toLowerCase(Locale.ROOT).startsWith("text/html")
                && answer.headers().get(HttpHeaderNames.CONTENT_ENCODING, "").isEmpty()
                && !request.method().equals(HttpMethod.HEAD);
    }

    private HttpResponse answer(HttpResponse head) {
        var answer = new DefaultHttpResponse(HttpVersion.HTTP_1_1, head.status());
        if (to.kind() == Kind.LOG) {
            answer.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, "text/plain")
                    .set(HttpHeaderNames.CACHE_CONTROL, "no-cache, private");
        } else {
            answer.headers().set(head.headers());
            List.of("connection", "keep-alive", "proxy-connection", "trailer", "upgrade", "transfer-encoding")
                    .forEach(answer.headers()::remove);
            if (to.kind() == Kind.API) {
                // Which pages of others may ask here, is not for that server to say.
                List.of("credentials", "headers", "methods", "origin")
                        .forEach(part -> answer.headers().remove("access-control-allow-" + part));
            }
            links(answer);
        }
        if (!answer.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
            HttpUtil.setTransferEncodingChunked(answer, true);
        }
        return answer;
    }

    private void links(HttpResponse answer) {
        if (to.prefix().isEmpty()) {
            return;
        }
        var proxied =
                new ProxiedLinks(to.prefix(), to.authority(), request.headers().get(HttpHeaderNames.HOST, ""));
        String location = answer.headers().get(HttpHeaderNames.LOCATION);
        if (location != null) {
            answer.headers().set(HttpHeaderNames.LOCATION, proxied.of(location));
        }
        if (hasLinks(answer)) {
            page = new HtmlLinks(proxied::of);
            answer.headers().remove(HttpHeaderNames.CONTENT_LENGTH);
        }
    }

    private void content(ChannelHandlerContext ctx, HttpContent content) {
        boolean last = content instanceof LastHttpContent;
        switch (phase) {
            case INTERIM -> phase = last ? Phase.HEAD : phase;
            case SWITCHING -> {
                if (last) {
                    switchOver(ctx);
                }
            }
            case REFUSAL -> {
                int n = Math.min(content.content().readableBytes(), MAX_REFUSAL - refusal.size());
                byte[] bytes = new byte[n];
                content.content().readBytes(bytes);
                refusal.writeBytes(bytes);
                if (last) {
                    fail(refused());
                    ctx.close();
                }
            }
            case BODY -> {
                body(content);
                if (last) {
                    phase = Phase.DONE;
                    client.flush();
                    ctx.close();
                    if (messages != null) {
                        messages.close();
                    } else {
                        outcome.answered();
                    }
                }
            }
            case HEAD, DONE -> {}
        }
    }

    private void body(HttpContent content) {
        WebSocketStream to = messages;
        HtmlLinks links = page;
        if (links != null) {
            client.write(new DefaultHttpContent(
                    Unpooled.wrappedBuffer(links.feed(ByteBufUtil.getBytes(content.content())))));
            if (content instanceof LastHttpContent) {
                client.write(new DefaultHttpContent(Unpooled.wrappedBuffer(links.end())));
                written = client.write(new DefaultLastHttpContent());
            }
        } else if (to == null) {
            written = client.write(content.retain());
        } else if (content.content().isReadable()) {
            written = to.send(ByteBufUtil.getBytes(content.content()));
        }
    }

    /** A kubelet words its refusals as text; upstream wraps them so. */
    private StatusException refused() {
        String text = refusal.toString(StandardCharsets.UTF_8).trim();
        String pod = to.target().split("[/?]")[3];
        return switch (refusalCode) {
            case 400 -> StatusException.badRequest(text);
            case 404 ->
                new StatusException(
                        404,
                        "NotFound",
                        "the server could not find the requested resource ( pods/log " + pod + ")",
                        StatusException.notFound(Resources.PODS, pod)
                                .details()
                                .copy()
                                .set(List.of(cause(text)), "causes"));
            case 500 ->
                new StatusException(
                        500,
                        "InternalError",
                        "an error on the server (\"" + text
                                + "\") has prevented the request from succeeding ( pods/log " + pod + ")");
            default ->
                new StatusException(
                        refusalCode,
                        refusalCode == 503 ? "ServiceUnavailable" : "",
                        "the server responded with the status code " + refusalCode
                                + " but did not return more information ( pods/log " + pod + "): " + text);
        };
    }

    private static Unstructured cause(String text) {
        return new Unstructured(new java.util.LinkedHashMap<>())
                .set("UnexpectedServerResponse", "reason")
                .set(text, "message");
    }

    private void switchOver(ChannelHandlerContext backend) {
        HttpResponse head = switching;
        if (head == null) {
            return;
        }
        phase = Phase.DONE;
        var answer = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
        answer.headers().set(head.headers());
        client.writeAndFlush(answer);

        Channel near = client.channel();
        near.config().setAutoRead(false);
        // The codecs go last, and hand what they hold already of the new protocol to the pumps.
        ChannelPipeline nearSide = near.pipeline();
        nearSide.replace(client.handler(), "pump", new Pump(backend.channel()));
        nearSide.remove(HttpServerCodec.class);
        ChannelPipeline farSide = backend.pipeline();
        farSide.replace(this, "pump", new Pump(near));
        farSide.remove(HttpClientCodec.class);
        near.read();
        backend.channel().read();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        client.flush();
        ChannelFuture last = written;
        written = null;
        if (phase == Phase.DONE) {
            return;
        }
        if (last == null) {
            ctx.read();
        } else {
            last.addListener(f -> ctx.read());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (phase == Phase.BODY) {
            // Half an answer: a broken connection is the only honest end.
            client.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else {
            fail(Relay.unreachable(to, new IOException("EOF")));
        }
    }

    private void fail(StatusException why) {
        if (phase == Phase.HEAD || phase == Phase.INTERIM || phase == Phase.REFUSAL || phase == Phase.SWITCHING) {
            phase = Phase.DONE;
            refuse(why);
        }
    }

    /** Nothing has been sent yet. */
    void refuse(StatusException why) {
        if (to.kind() != Kind.API || why.code() != 503) {
            outcome.failed(why);
            return;
        }
        // As upstream's aggregator, which words this alone as text.
        var answer = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.SERVICE_UNAVAILABLE,
                Unpooled.copiedBuffer(why.getMessage() + "\n", StandardCharsets.UTF_8));
        answer.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
        answer.headers().set("x-content-type-options", "nosniff");
        HttpUtil.setContentLength(answer, answer.content().readableBytes());
        client.write(answer);
        outcome.answered();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(Relay.unreachable(to, cause));
        ctx.close();
    }
}
