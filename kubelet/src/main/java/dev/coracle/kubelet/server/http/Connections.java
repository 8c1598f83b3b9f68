package dev.coracle.kubelet.server.http;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Tasks;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Every connection of the server, and the tasks that serve them. */
public final class Connections extends ChannelInitializer<SocketChannel> implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("coracle.kubelet");
    private static final int MAX_BODY = 64 << 10;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final SslContext tls;
    private final Endpoint root;
    private final Environment environment;
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private final Set<Serving> serving = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    public Connections(SslContext tls, Endpoint root, Environment environment) {
        this.tls = tls;
        this.root = root;
        this.environment = environment;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
        open.add(channel);
        channel.closeFuture().addListener(f -> open.remove(channel));
        channel.pipeline()
                .addLast("tls", tls.newHandler(channel.alloc()))
                .addLast(new HttpServerCodec(16 << 10, 64 << 10, 64 << 10))
                .addLast(new HttpObjectAggregator(MAX_BODY))
                .addLast("requests", new Requests());
        if (closed) {
            channel.close();
        }
    }

    /** Closes every connection and waits for what served them. */
    @Override
    public void close() {
        closed = true;
        open.forEach(Channel::close);
        for (Serving s : serving) {
            s.end();
        }
    }

    /** One request at a time; Go's client, which is the API server's upstream, never sends the next before. */
    private final class Requests extends SimpleChannelInboundHandler<FullHttpRequest> {
        private volatile boolean busy;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            if (busy || !request.decoderResult().isSuccess()) {
                ctx.close();
                return;
            }
            busy = true;
            Exchange exchange = new Exchange(ctx.channel(), request, () -> busy = false);
            Callers.Caller caller =
                    Callers.of(ctx.pipeline().get(SslHandler.class).engine());
            Serving task = new Serving();
            serving.add(task);
            task.begin(() -> {
                try {
                    serve(exchange, caller);
                } finally {
                    serving.remove(task);
                }
            });
        }

        private void serve(Exchange exchange, Callers.Caller caller) {
            try {
                if (!caller.mayCall()) {
                    throw new Refusal(
                            403,
                            "Forbidden (user=" + caller.name() + ", verb=" + verb(exchange.method())
                                    + ", resource=nodes, subresource(s)=[proxy])\n");
                }
                root.serve(exchange);
            } catch (Refusal e) {
                exchange.refuse(e.code(), String.valueOf(e.getMessage()));
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "connection ended", e);
                exchange.abort();
            } catch (InterruptedException e) {
                exchange.abort();
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "request failed: " + exchange.path(), e);
                exchange.refuse(500, "the request could not be handled");
            }
        }

        private static String verb(String method) {
            return switch (method) {
                case "GET", "HEAD" -> "get";
                case "POST" -> "create";
                case "PUT" -> "update";
                case "PATCH" -> "patch";
                case "DELETE" -> "delete";
                default -> "";
            };
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            LOG.log(System.Logger.Level.DEBUG, "connection failed", cause);
            ctx.close();
        }
    }

    private final class Serving {
        private Tasks.@Nullable Task task;

        synchronized void begin(Runnable work) {
            task = environment.tasks().start("kubelet-request", work);
        }

        synchronized void end() {
            Tasks.Task t = task;
            if (t == null) {
                return;
            }
            t.interrupt();
            try {
                if (!t.join(PATIENCE)) {
                    LOG.log(System.Logger.Level.WARNING, "a request does not end");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
