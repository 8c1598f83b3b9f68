package dev.coracle.kubelet.probe;

import dev.coracle.kubelet.container.CrashBackoff;
import dev.coracle.kubelet.probe.Prober.Answer;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Frame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks {@code grpc.health.v1.Health/Check} over HTTP/2 without TLS. A connection stands when the server's settings have
 * come; whatever does not get so far was not connected to, as gRPC's own clients see it.
 */
final class GrpcProbe {
    private static final String[] CODES = {
        "OK",
        "Canceled",
        "Unknown",
        "InvalidArgument",
        "DeadlineExceeded",
        "NotFound",
        "AlreadyExists",
        "PermissionDenied",
        "ResourceExhausted",
        "FailedPrecondition",
        "Aborted",
        "OutOfRange",
        "Unimplemented",
        "Internal",
        "Unavailable",
        "DataLoss",
        "Unauthenticated"
    };
    private static final String[] STATUSES = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
    private static final int OK = 0;
    private static final int UNKNOWN = 2;
    private static final int DEADLINE_EXCEEDED = 4;
    private static final int UNIMPLEMENTED = 12;
    private static final int INTERNAL = 13;
    private static final int UNAVAILABLE = 14;

    /** An answer has two bytes behind the five of its length. */
    private static final int LONGEST_MESSAGE = 64 << 10;

    private final EventLoopGroup loops;

    GrpcProbe(EventLoopGroup loops) {
        this.loops = loops;
    }

    Answer ask(InetSocketAddress to, String authority, String service, Duration limit) {
        Call call = new Call(authority, service, limit);
        var connecting = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        Http2FrameCodecBuilder.forClient().build(),
                                        new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()),
                                        new Greeting(call));
                    }
                })
                .connect(to);
        connecting.addListener(f -> {
            if (!f.isSuccess()) {
                call.lost();
            }
        });
        try {
            return call.answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            call.end(DEADLINE_EXCEEDED, "context deadline exceeded");
            return call.answer.join();
        } catch (ExecutionException e) {
            return new Answer(false, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer(
                    false, "error: health rpc probe failed: rpc error: code = Canceled desc = context canceled");
        } finally {
            connecting.channel().close();
        }
    }

    /** One call; the first of its ends counts. */
    private static final class Call {
        private final String authority;
        private final String service;
        private final String limit;
        private final CompletableFuture<Answer> answer = new CompletableFuture<>();
        private volatile boolean connected;

        Call(String authority, String service, Duration limit) {
            this.authority = authority;
            this.service = service;
            this.limit = CrashBackoff.text(limit);
        }

        void end(int code, String message) {
            String text;
            if (!connected) {
                text = "timeout: failed to connect service \"" + authority + "\" within " + limit
                        + ": context deadline exceeded";
            } else if (code == UNIMPLEMENTED) {
                text = "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): "
                        + message;
            } else if (code == DEADLINE_EXCEEDED) {
                text = "timeout: health rpc did not complete within " + limit;
            } else {
                String name = code >= 0 && code < CODES.length ? CODES[code] : "Code(" + code + ")";
                text = "error: health rpc probe failed: rpc error: code = " + name + " desc = " + message;
            }
            answer.complete(new Answer(false, text));
        }

        void lost() {
            end(UNAVAILABLE, "error reading from server: EOF");
        }

        void status(long status) {
            String name = status >= 0 && status < STATUSES.length ? STATUSES[(int) status] : "" + status;
            answer.complete(
                    status == 1
                            ? new Answer(true, "service healthy")
                            : new Answer(false, "service unhealthy (responded with \"" + name + "\")"));
        }
    }

    /** Calls when the server has shown that it speaks HTTP/2. */
    private static final class Greeting extends ChannelInboundHandlerAdapter {
        private final Call call;

        Greeting(Call call) {
            this.call = call;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object frame) throws Exception {
            if (frame instanceof Http2SettingsFrame && !call.connected) {
                call.connected = true;
                new Http2StreamChannelBootstrap(context.channel())
                        .handler(new Reply(call))
                        .open()
                        .addListener((io.netty.util.concurrent.Future<Http2StreamChannel> f) -> {
                            if (f.isSuccess()) {
                                send(f.getNow());
                            } else {
                                call.lost();
                            }
                        });
            }
            super.channelRead(context, frame);
        }

        private void send(Http2StreamChannel stream) {
            Http2Headers headers = new DefaultHttp2Headers()
                    .method("POST")
                    .scheme("http")
                    .path("/grpc.health.v1.Health/Check")
                    .authority(call.authority)
                    .set("content-type", "application/grpc")
                    .set("user-agent", "kube-probe/1.36")
                    .set("te", "trailers");
            stream.write(new DefaultHttp2HeadersFrame(headers));
            stream.writeAndFlush(new DefaultHttp2DataFrame(message(call.service), true));
        }

        /** Uncompressed, its length, and {@code HealthCheckRequest} with field 1, {@code service}, if there is one. */
        private static ByteBuf message(String service) {
            byte[] name = service.getBytes(StandardCharsets.UTF_8);
            ByteBuf request = Unpooled.buffer();
            if (name.length > 0) {
                request.writeByte(1 << 3 | 2);
                for (int n = name.length; ; n >>>= 7) {
                    if (n < 0x80) {
                        request.writeByte(n);
                        break;
                    }
                    request.writeByte(n & 0x7f | 0x80);
                }
                request.writeBytes(name);
            }
            ByteBuf head = Unpooled.buffer(5).writeByte(0).writeInt(request.readableBytes());
            return Unpooled.wrappedBuffer(head, request);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            call.lost();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            call.end(UNAVAILABLE, String.valueOf(cause.getMessage()));
            context.close();
        }
    }

    private static final class Reply extends SimpleChannelInboundHandler<Http2Frame> {
        private final Call call;
        private final ByteBuf message = Unpooled.buffer();
        private @Nullable Http2Headers first;

        Reply(Call call) {
            this.call = call;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, Http2Frame frame) {
            switch (frame) {
                case Http2HeadersFrame headers -> {
                    Http2Headers start = first == null ? headers.headers() : first;
                    first = start;
                    if (headers.isEndStream()) {
                        end(start, headers.headers());
                    }
                }
                case Http2DataFrame data -> {
                    if (message.readableBytes() + data.content().readableBytes() > LONGEST_MESSAGE) {
                        call.end(INTERNAL, "the answer is too long");
                        context.close();
                        return;
                    }
                    message.writeBytes(data.content());
                    if (data.isEndStream()) {
                        end(first == null ? new DefaultHttp2Headers() : first, new DefaultHttp2Headers());
                    }
                }
                case Http2ResetFrame reset ->
                    call.end(INTERNAL, "stream terminated by RST_STREAM with error code: " + reset.errorCode());
                default -> {}
            }
        }

        private void end(Http2Headers start, Http2Headers trailers) {
            CharSequence status = trailers.get("grpc-status");
            if (status == null) {
                noGrpc(start);
                return;
            }
            int code;
            try {
                code = Integer.parseInt(status.toString());
            } catch (NumberFormatException e) {
                call.end(INTERNAL, "transport: malformed grpc-status: " + status);
                return;
            }
            if (code != OK) {
                String said = String.valueOf(trailers.get("grpc-message", ""));
                call.end(code, decoded(said));
                return;
            }
            try {
                call.status(status(message));
            } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
                call.end(INTERNAL, "grpc: failed to unmarshal the received message");
            }
        }

        private void noGrpc(Http2Headers start) {
            String code = String.valueOf(start.status());
            String type = String.valueOf(start.get("content-type", ""));
            String odd = "transport: received unexpected content-type \"" + type + "\"";
            switch (code) {
                case "200" ->
                    call.end(
                            type.startsWith("application/grpc") ? INTERNAL : UNKNOWN,
                            type.startsWith("application/grpc")
                                    ? "server closed the stream without sending trailers"
                                    : "unexpected HTTP status code received from server: 200 (OK); " + odd);
                case "404" ->
                    call.end(
                            UNIMPLEMENTED, "unexpected HTTP status code received from server: 404 (Not Found); " + odd);
                case "429", "502", "503", "504" ->
                    call.end(UNAVAILABLE, "unexpected HTTP status code received from server: " + code + "; " + odd);
                default -> call.end(UNKNOWN, "unexpected HTTP status code received from server: " + code + "; " + odd);
            }
        }

        /** Percent-encoded, where a plus is a plus. */
        private static String decoded(String text) {
            try {
                return java.net.URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                return text;
            }
        }

        /** Field 1 of {@code HealthCheckResponse}; what is not there is 0. */
        private static long status(ByteBuf framed) {
            if (framed.readByte() != 0) {
                throw new IllegalArgumentException("compressed");
            }
            ByteBuf response = framed.readSlice(Math.toIntExact(framed.readUnsignedInt()));
            long status = 0;
            while (response.isReadable()) {
                long tag = varint(response);
                switch ((int) (tag & 7)) {
                    case 0 -> {
                        long value = varint(response);
                        status = tag >>> 3 == 1 ? value : status;
                    }
                    case 1 -> response.skipBytes(8);
                    case 2 -> response.skipBytes(Math.toIntExact(varint(response)));
                    case 5 -> response.skipBytes(4);
                    default -> throw new IllegalArgumentException("wire type of " + tag);
                }
            }
            return status;
        }

        private static long varint(ByteBuf from) {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                byte b = from.readByte();
                value |= (long) (b & 0x7f) << shift;
                if (b >= 0) {
                    return value;
                }
            }
            throw new IllegalArgumentException("varint");
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            message.release();
            call.lost();
        }
    }
}
