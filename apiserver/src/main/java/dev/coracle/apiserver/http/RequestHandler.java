package dev.coracle.apiserver.http;

import dev.coracle.apiserver.authentication.Authenticator;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.flowcontrol.FlowControl;
import dev.coracle.apiserver.proxy.Relay;
import dev.coracle.apiserver.telemetry.RequestMetrics;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.store.StoreFailedException;
import dev.coracle.store.StoreFullException;
import io.netty.channel.ChannelFutureListener;
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
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who sent a request and whether they may, and only then gathers its body, runs it on a task, and sends its
 * answer. Of a connection one request runs at a time: what a client sends meanwhile waits. All fields belong to the
 * connection's event loop.
 *
 * <pre>
 * head ─► (task) authenticate, authorize ─► body ─► (task) handle ─► answer ─► next head
 * </pre>
 *
 * A request without a body does both on one task.
 */
final class RequestHandler extends SimpleChannelInboundHandler<HttpObject> {
    private static final System.Logger LOG = System.getLogger("coracle.apiserver");
    private static final int MAX_BODY = 3 << 20;
    /** Bytes that may wait for the request that runs, and parts. */
    private static final int MAX_WAITING = 256 << 10;

    /** A request whose head alone is here. */
    private record Head(HttpRequest request, RequestInfo info, QueryStringDecoder uri) {}

    /** What all connections share. */
    record Shared(
            Routes routes,
            Authenticator authenticator,
            Relay relay,
            Environment environment,
            Limits limits,
            FlowControl flows) {}

    private final Shared shared;
    private final Deque<HttpObject> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private @Nullable Head head;
    /** Who sent {@link #head}; null while that is not known. */
    private @Nullable UserInfo user;

    /** Why {@link #head} will be refused when its body, which nobody looks at, is through. */
    private @Nullable StatusException refusal;

    private ByteArrayOutputStream body = new ByteArrayOutputStream();
    private int length;
    private boolean busy;
    /** Answered, and about to be closed: what still comes is dropped. */
    private boolean ended;

    private @Nullable Future<?> patience;

    RequestHandler(Shared shared) {
        this.shared = shared;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        expect(ctx, shared.limits().idle());
    }

    /** The connection is closed unless something else comes within this time. */
    private void expect(ChannelHandlerContext ctx, Duration time) {
        relax();
        patience = ctx.executor().schedule(() -> ctx.close(), time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void relax() {
        if (patience != null) {
            patience.cancel(false);
            patience = null;
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) throws IOException {
        if (ended) {
            return;
        }
        if (!busy) {
            accept(ctx, message);
            return;
        }
        waitingBytes += message instanceof HttpContent c ? 64 + c.content().readableBytes() : 1024;
        if (waitingBytes > MAX_WAITING) {
            ctx.close();
        } else {
            waiting.add(ReferenceCountUtil.retain(message));
        }
    }

    private void accept(ChannelHandlerContext ctx, HttpObject message) throws IOException {
        if (message instanceof HttpRequest request) {
            begin(ctx, request);
        }
        Head now = head;
        if (now == null || !(message instanceof HttpContent content)) {
            return;
        }
        StatusException refused = refusal;
        if (!content.decoderResult().isSuccess()) {
            // What came before the fault may look like a whole body, YAML above all.
            refuse(ctx, now.request(), refused != null ? refused : StatusException.badRequest("unexpected EOF"));
            return;
        }
        length += content.content().readableBytes();
        if (length > MAX_BODY) {
            refuse(ctx, now.request(), refused != null ? refused : tooLarge());
            return;
        }
        if (refused == null) {
            content.content().readBytes(body, content.content().readableBytes());
        }
        if (message instanceof LastHttpContent) {
            head = null;
            busy(ctx);
            if (refused != null) {
                answer(ctx, now.request(), new byte[0]).fail(refused);
            } else {
                dispatch(ctx, now, user, body.toByteArray());
            }
        }
    }

    private static StatusException tooLarge() {
        return new StatusException(413, "RequestEntityTooLarge", "Request entity too large: limit is " + MAX_BODY);
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest request) {
        body = new ByteArrayOutputStream();
        length = 0;
        user = null;
        refusal = null;
        try {
            Heads.check(request);
            QueryStringDecoder uri = new QueryStringDecoder(request.uri());
            var info = RequestInfo.of(request.method().name(), uri.path(), uri.parameters());
            Head begun = new Head(request, info, uri);
            head = begun;
            if (HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) > 0) {
                admitThenRead(ctx, begun);
            }
        } catch (StatusException e) {
            refuse(ctx, request, e);
        } catch (IllegalArgumentException e) {
            refuse(ctx, request, StatusException.badRequest("the request's URL is malformed"));
        }
    }

    private void busy(ChannelHandlerContext ctx) {
        busy = true;
        relax();
        ctx.channel().config().setAutoRead(false);
    }

    /** Answers a request of which more may be on the way. */
    private void refuse(ChannelHandlerContext ctx, HttpRequest request, StatusException why) {
        head = null;
        ended = true;
        relax();
        answer(ctx, request, new byte[0]).refuse(why);
        ctx.channel().config().setAutoRead(true);
    }

    private NettyAnswer answer(ChannelHandlerContext ctx, HttpRequest request, byte[] content) {
        return answer(ctx, request, content, code -> {});
    }

    private NettyAnswer answer(ChannelHandlerContext ctx, HttpRequest request, byte[] content, IntConsumer told) {
        return new NettyAnswer(
                ctx,
                request,
                content,
                shared.relay(),
                shared.routes().encodings(),
                shared.limits().write(),
                told,
                () -> answered(ctx));
    }

    /** Nobody's body is read who may not send it. */
    private void admitThenRead(ChannelHandlerContext ctx, Head request) {
        List<X509Certificate> shown = shown(ctx);
        busy(ctx);
        shared.environment().tasks().start("request", () -> {
            try {
                UserInfo sender = admit(request, shown);
                if (HttpUtil.getContentLength(request.request(), 0L) > MAX_BODY) {
                    throw tooLarge();
                }
                ctx.executor().execute(() -> read(ctx, request, sender, null));
            } catch (Throwable e) {
                StatusException why = told(request.request(), e);
                ctx.executor().execute(() -> read(ctx, request, null, why));
            }
        });
    }

    /** On the event loop: the body may come, to be handled for its sender or to be dropped. */
    private void read(
            ChannelHandlerContext ctx, Head request, @Nullable UserInfo sender, @Nullable StatusException why) {
        boolean asked = HttpUtil.is100ContinueExpected(request.request());
        if (why != null && (asked || HttpUtil.getContentLength(request.request(), 0L) > MAX_BODY)) {
            refuse(ctx, request.request(), why);
            return;
        }
        user = sender;
        refusal = why;
        if (asked) {
            ctx.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
        }
        expect(ctx, shared.limits().arrival());
        goOn(ctx);
    }

    private UserInfo admit(Head request, List<X509Certificate> shown) {
        UserInfo sender = authenticate(request, shown);
        shared.routes().authorize(sender, request.info());
        return sender;
    }

    private UserInfo authenticate(Head request, List<X509Certificate> shown) {
        return shared.authenticator().authenticate(shown, request.request().headers());
    }

    private void dispatch(ChannelHandlerContext ctx, Head request, @Nullable UserInfo known, byte[] content) {
        List<X509Certificate> shown = shown(ctx);
        shared.environment().tasks().start("request", () -> {
            RequestMetrics.Running running = shared.routes().measure(request.info(), request.request());
            var answer = answer(ctx, request.request(), content, running::answered);
            try {
                UserInfo sender = known != null ? known : authenticate(request, shown);
                Request whole = whole(request, content, sender);
                Runnable served = () -> {
                    if (known == null) {
                        shared.routes().authorize(sender, request.info());
                    }
                    shared.routes().handle(whole, answer);
                };
                if (request.info().isLongRunning() && !request.info().verb().equals("watch")) {
                    served.run();
                } else {
                    shared.flows().run(request.info().asked(sender), new Waiting(ctx, answer), seat -> {
                        answer.whenBegun(seat::leave);
                        served.run();
                    });
                }
            } catch (Throwable e) {
                // Errors too, a stack overflow for example: the connection must not hang for them.
                answer.fail(told(request.request(), e));
            } finally {
                running.ended();
            }
        });
    }

    /** One whose request may have to wait. While nothing is read, nobody sees that a connection was closed. */
    private record Waiting(ChannelHandlerContext ctx, NettyAnswer answer) implements FlowControl.Sender {
        @Override
        public void found(FlowControl.Flow flow) {
            answer.always(flow.headers());
        }

        @Override
        public Runnable whenGone(Runnable action) {
            ChannelFutureListener listener = closed -> action.run();
            ctx.channel().closeFuture().addListener(listener);
            ctx.channel().config().setAutoRead(true);
            return () -> {
                ctx.channel().config().setAutoRead(false);
                ctx.channel().closeFuture().removeListener(listener);
            };
        }
    }

    private static StatusException told(HttpRequest request, Throwable e) {
        if (e instanceof StatusException known) {
            return known;
        }
        if (e instanceof StoreFailedException || e instanceof StoreFullException) {
            return StatusException.internal(String.valueOf(e.getMessage()));
        }
        LOG.log(System.Logger.Level.ERROR, "request failed: " + request.uri(), e);
        return StatusException.internal("the request could not be handled");
    }

    /** On the event loop: the connection is free for the next request. */
    private void answered(ChannelHandlerContext ctx) {
        if (!ctx.channel().isActive()) {
            return;
        }
        expect(ctx, shared.limits().idle());
        goOn(ctx);
    }

    /** Goes on with what waited, and reads more when that is done. */
    private void goOn(ChannelHandlerContext ctx) {
        busy = false;
        while (!busy) {
            HttpObject next = waiting.poll();
            if (next == null) {
                waitingBytes = 0;
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

    private static Request whole(Head head, byte[] content, UserInfo user) {
        Map<String, String> headers = new LinkedHashMap<>();
        head.request().headers().forEach(h -> headers.put(h.getKey().toLowerCase(Locale.ROOT), h.getValue()));
        return new Request(
                head.request().method().name(),
                head.request().uri(),
                head.uri().path(),
                head.uri().parameters(),
                headers,
                content,
                user,
                head.info());
    }

    /** The client's certificates, its own first; none is no fault. */
    private static List<X509Certificate> shown(ChannelHandlerContext ctx) {
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        try {
            return Arrays.stream(tls.engine().getSession().getPeerCertificates())
                    .map(c -> (X509Certificate) c)
                    .toList();
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        relax();
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.log(System.Logger.Level.DEBUG, "connection failed", cause);
        ctx.close();
    }
}
