package dev.coracle.apiserver.http;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.StatusException;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.ssl.SslHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Gathers a request, runs it on a task, and sends its answer. Of a connection one request runs at a time: the next is
 * read when the answer is sent.
 */
final class RequestHandler extends SimpleChannelInboundHandler<HttpObject> {
    private static final System.Logger LOG = System.getLogger("coracle.apiserver");
    private static final int MAX_BODY = 3 << 20;

    private final Routes routes;
    private final Environment environment;
    private @Nullable HttpRequest head;
    private ByteArrayOutputStream body = new ByteArrayOutputStream();
    private boolean tooLarge;

    RequestHandler(Routes routes, Environment environment) {
        this.routes = routes;
        this.environment = environment;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) throws IOException {
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
            dispatch(ctx, request, body.toByteArray(), tooLarge);
        }
    }

    private void dispatch(ChannelHandlerContext ctx, HttpRequest request, byte[] content, boolean large) {
        ctx.channel().config().setAutoRead(false);
        UserInfo user = user(ctx);
        environment.tasks().start("request", () -> {
            NettyAnswer answer = new NettyAnswer(ctx, HttpUtil.isKeepAlive(request));
            try {
                if (!request.decoderResult().isSuccess()) {
                    throw StatusException.badRequest("the request is not HTTP");
                }
                if (large) {
                    throw new StatusException(
                            413, "RequestEntityTooLarge", "Request entity too large: limit is " + MAX_BODY);
                }
                routes.handle(parse(request, content, user), answer);
            } catch (StatusException e) {
                answer.fail(e);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "request failed: " + request.uri(), e);
                answer.fail(StatusException.internal("the request could not be handled"));
            }
        });
    }

    private static Request parse(HttpRequest request, byte[] content, UserInfo user) {
        Map<String, String> headers = new LinkedHashMap<>();
        request.headers().forEach(h -> headers.put(h.getKey().toLowerCase(Locale.ROOT), h.getValue()));
        try {
            QueryStringDecoder uri = new QueryStringDecoder(request.uri());
            return new Request(request.method().name(), uri.path(), uri.parameters(), headers, content, user);
        } catch (IllegalArgumentException e) {
            throw StatusException.badRequest("the request's URL is malformed");
        }
    }

    /** The subject of a verified client certificate: CN is the user, O are the groups. */
    private static UserInfo user(ChannelHandlerContext ctx) {
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        try {
            X509Certificate certificate =
                    (X509Certificate) tls.engine().getSession().getPeerCertificates()[0];
            Set<String> groups = new LinkedHashSet<>(Set.of("system:authenticated"));
            String name = "";
            for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (rdn.getType().equalsIgnoreCase("CN")) {
                    name = String.valueOf(rdn.getValue());
                } else if (rdn.getType().equalsIgnoreCase("O")) {
                    groups.add(String.valueOf(rdn.getValue()));
                }
            }
            return name.isEmpty() ? UserInfo.ANONYMOUS : new UserInfo(name, groups);
        } catch (SSLPeerUnverifiedException | InvalidNameException e) {
            return UserInfo.ANONYMOUS;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.log(System.Logger.Level.DEBUG, "connection failed", cause);
        ctx.close();
    }

    private static final class NettyAnswer implements Answer {
        private final ChannelHandlerContext ctx;
        private final boolean keepAlive;
        private boolean begun;

        NettyAnswer(ChannelHandlerContext ctx, boolean keepAlive) {
            this.ctx = ctx;
            this.keepAlive = keepAlive;
        }

        void fail(StatusException e) {
            if (begun) {
                ctx.close();
            } else {
                send(e.code(), "application/json", Json.bytes(e.status().map()));
            }
        }

        @Override
        public void send(int code, String contentType, byte[] bytes) {
            begun = true;
            var response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(code), Unpooled.wrappedBuffer(bytes));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, contentType)
                    .set(HttpHeaderNames.CACHE_CONTROL, "no-cache, private");
            HttpUtil.setContentLength(response, bytes.length);
            HttpUtil.setKeepAlive(response, keepAlive);
            var sent = ctx.writeAndFlush(response);
            if (keepAlive) {
                ctx.channel().config().setAutoRead(true);
            } else {
                sent.addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        public Stream stream(int code, String contentType) {
            begun = true;
            var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(code));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, contentType)
                    .set(HttpHeaderNames.CACHE_CONTROL, "no-cache, private");
            HttpUtil.setTransferEncodingChunked(response, true);
            ctx.writeAndFlush(response);
            // Reading goes on, so that a closed connection is noticed.
            ctx.channel().config().setAutoRead(true);
            return new NettyStream(ctx);
        }
    }

    private static final class NettyStream implements Answer.Stream {
        private final ChannelHandlerContext ctx;

        NettyStream(ChannelHandlerContext ctx) {
            this.ctx = ctx;
        }

        @Override
        public void write(byte[] chunk) throws IOException {
            var sent = new CountDownLatch(1);
            ctx.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(chunk)))
                    .addListener(f -> sent.countDown());
            try {
                sent.await();
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
            ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }
}
