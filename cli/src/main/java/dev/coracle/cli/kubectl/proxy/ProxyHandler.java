package dev.coracle.cli.kubectl.proxy;

import dev.coracle.apiserver.proxy.Destination;
import dev.coracle.apiserver.proxy.Relay;
import dev.coracle.machinery.object.StatusException;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One connection to the proxy: one request at a time, in the order they came. Owned by the connection's event loop. */
final class ProxyHandler extends ChannelInboundHandlerAdapter {
    private static final int WAITING = 16;

    /**
     * What all connections share.
     *
     * @param filter null where nothing is filtered
     * @param files null where none are served
     * @param complain told what could not be carried on
     */
    record Shared(
            Route route,
            @Nullable Filter filter,
            @Nullable StaticFiles files,
            Upstream upstream,
            Relay relay,
            Consumer<String> complain) {}

    private final Shared shared;
    private final Deque<FullHttpRequest> waiting = new ArrayDeque<>();
    private boolean busy;

    ProxyHandler(Shared shared) {
        this.shared = shared;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof FullHttpRequest request) || waiting.size() == WAITING) {
            ReferenceCountUtil.release(message);
            ctx.close();
            return;
        }
        waiting.add(request);
        next(ctx);
    }

    private void next(ChannelHandlerContext ctx) {
        if (busy) {
            return;
        }
        FullHttpRequest request = waiting.poll();
        if (request == null) {
            return;
        }
        busy = true;
        try {
            answer(ctx, request);
        } finally {
            request.release();
        }
    }

    private void answer(ChannelHandlerContext ctx, FullHttpRequest request) {
        if (!request.decoderResult().isSuccess() || !request.uri().startsWith("/")) {
            send(ctx, request, Answers.error(HttpResponseStatus.BAD_REQUEST, "400 Bad Request"));
            return;
        }
        String path;
        try {
            path = new QueryStringDecoder(request.uri()).path();
        } catch (IllegalArgumentException e) {
            send(ctx, request, Answers.error(HttpResponseStatus.BAD_REQUEST, "400 Bad Request"));
            return;
        }
        Route.Target target = shared.route.of(path);
        switch (target.kind()) {
            case NOTHING -> send(ctx, request, Answers.notFound());
            case REDIRECT -> send(ctx, request, Answers.moved(escaped(target.path()) + query(request)));
            case FILES -> {
                StaticFiles files = shared.files;
                send(ctx, request, files == null ? Answers.notFound() : files.answer(target.path()));
            }
            case API -> api(ctx, request, path);
        }
    }

    private static String query(HttpRequest request) {
        int question = request.uri().indexOf('?');
        return question < 0 ? "" : request.uri().substring(question);
    }

    private static String escaped(String path) {
        try {
            return new java.net.URI(null, null, path, null).getRawPath();
        } catch (java.net.URISyntaxException e) {
            return "/";
        }
    }

    private void api(ChannelHandlerContext ctx, FullHttpRequest request, String path) {
        String host = request.headers().get(HttpHeaderNames.HOST, "");
        Filter filter = shared.filter;
        if (filter != null && !filter.accepts(request.method().name(), shared.route.apiPath(path), host)) {
            send(ctx, request, Answers.error(HttpResponseStatus.FORBIDDEN, "Forbidden"));
            return;
        }
        Destination to = shared.upstream.to(shared.route.apiPath(request.uri()), request.headers());
        if (request.headers().contains(HttpHeaderNames.UPGRADE)) {
            // The other protocol is none of its business.
            ctx.pipeline().remove(HttpObjectAggregator.class);
        }
        boolean last = !HttpUtil.isKeepAlive(request);
        // Looked at for as long as the answer takes, and without a body that would have to be released.
        HttpRequest head =
                new DefaultHttpRequest(request.protocolVersion(), request.method(), request.uri(), request.headers());
        shared.relay.carry(to, head, ByteBufUtil.getBytes(request.content()), ctx, new Relay.Outcome() {
            @Override
            public void answered() {
                if (last) {
                    ctx.writeAndFlush(io.netty.buffer.Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
                    return;
                }
                ctx.flush();
                done(ctx);
            }

            @Override
            public void failed(StatusException why) {
                String message = String.valueOf(why.getMessage()).replace("error trying to reach service: ", "");
                shared.complain.accept("Error while proxying request: " + message);
                send(ctx, head, Answers.error(HttpResponseStatus.INTERNAL_SERVER_ERROR, message));
            }
        });
    }

    private void done(ChannelHandlerContext ctx) {
        busy = false;
        next(ctx);
    }

    private void send(ChannelHandlerContext ctx, HttpRequest request, FullHttpResponse answer) {
        if (request.method().equals(HttpMethod.HEAD)) {
            answer.content().clear();
        }
        var sent = ctx.writeAndFlush(answer);
        if (HttpUtil.isKeepAlive(request)) {
            done(ctx);
        } else {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
