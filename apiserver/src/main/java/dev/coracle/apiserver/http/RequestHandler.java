package dev.coracle.apiserver.http;

import dev.coracle.apiserver.authentication.Authenticator;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.proxy.Relay;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.StatusException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Gathers a request, finds out who sent it, runs it on a task, and sends its answer. Of a connection one request runs at
 * a time: what a client sends meanwhile waits. All fields belong to the connection's event loop.
 */
final class RequestHandler extends SimpleChannelInboundHandler<HttpObject> {
    private static final System.Logger LOG = System.getLogger("coracle.apiserver");
    private static final int MAX_BODY = 3 << 20;
    /** Parts of requests that may wait for the one that runs. */
    private static final int MAX_WAITING = 1024;

    private final Routes routes;
    private final Authenticator authenticator;
    private final Relay relay;
    private final Environment environment;
    private final Deque<HttpObject> waiting = new ArrayDeque<>();
    private @Nullable HttpRequest head;
    private ByteArrayOutputStream body = new ByteArrayOutputStream();
    private boolean tooLarge;
    private boolean busy;

    RequestHandler(Routes routes, Authenticator authenticator, Relay relay, Environment environment) {
        this.routes = routes;
        this.authenticator = authenticator;
        this.relay = relay;
        this.environment = environment;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) throws IOException {
        if (!busy) {
            accept(ctx, message);
        } else if (waiting.size() < MAX_WAITING) {
            waiting.add(ReferenceCountUtil.retain(message));
        } else {
            ctx.close();
        }
    }

    private void accept(ChannelHandlerContext ctx, HttpObject message) throws IOException {
        if (message instanceof HttpRequest request) {
            head = request;
            body = new ByteArrayOutputStream();
            tooLarge = false;
            if (HttpUtil.is100ContinueExpected(request)) {
                ctx.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
            }
        }
        if (message instanceof HttpContent content) {
            if (body.size() + content.content().readableBytes() > MAX_BODY) {
                tooLarge = true;
            } else {
                content.content().readBytes(body, content.content().readableBytes());
            }
        }
        HttpRequest request = head;
        if (message instanceof LastHttpContent && request != null) {
            head = null;
            busy = true;
            ctx.channel().config().setAutoRead(false);
            dispatch(ctx, request, body.toByteArray(), tooLarge);
        }
    }

    private void dispatch(ChannelHandlerContext ctx, HttpRequest request, byte[] content, boolean large) {
        Optional<X509Certificate> certificate = certificate(ctx);
        environment.tasks().start("request", () -> {
            var answer = new NettyAnswer(ctx, request, content, relay, () -> answered(ctx));
            try {
                if (!request.decoderResult().isSuccess()) {
                    throw StatusException.badRequest("the request is not HTTP");
                }
                if (large) {
                    throw new StatusException(
                            413, "RequestEntityTooLarge", "Request entity too large: limit is " + MAX_BODY);
                }
                UserInfo user = authenticator.authenticate(certificate, request.headers());
                routes.handle(parse(request, content, user), answer);
            } catch (StatusException e) {
                answer.fail(e);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "request failed: " + request.uri(), e);
                answer.fail(StatusException.internal("the request could not be handled"));
            }
        });
    }

    /** On the event loop: goes on with what waited. */
    private void answered(ChannelHandlerContext ctx) {
        busy = false;
        while (!busy) {
            HttpObject next = waiting.poll();
            if (next == null) {
                ctx.channel().config().setAutoRead(true);
                return;
            }
            try {
                accept(ctx, next);
            } catch (IOException e) {
                ctx.close();
            } finally {
                ReferenceCountUtil.release(next);
            }
        }
    }

    private static Request parse(HttpRequest request, byte[] content, UserInfo user) {
        Map<String, String> headers = new LinkedHashMap<>();
        request.headers().forEach(h -> headers.put(h.getKey().toLowerCase(Locale.ROOT), h.getValue()));
        try {
            QueryStringDecoder uri = new QueryStringDecoder(request.uri());
            return new Request(
                    request.method().name(), request.uri(), uri.path(), uri.parameters(), headers, content, user);
        } catch (IllegalArgumentException e) {
            throw StatusException.badRequest("the request's URL is malformed");
        }
    }

    private static Optional<X509Certificate> certificate(ChannelHandlerContext ctx) {
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        try {
            return Optional.of((X509Certificate) tls.engine().getSession().getPeerCertificates()[0]);
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.log(System.Logger.Level.DEBUG, "connection failed", cause);
        ctx.close();
    }
}
