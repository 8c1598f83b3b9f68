package dev.coracle.kubelet.probe;

import dev.coracle.kubelet.probe.Prober.Answer;
import dev.coracle.kubelet.probe.Prober.Result;
import dev.coracle.machinery.object.Unstructured;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks by HTTP, as upstream's kubelet does: redirects are followed while they stay on the host, certificates are not
 * verified, of the body no more than a part is read, and one limit of time holds for all of it.
 */
final class HttpProbe {
    private static final int LONGEST_BODY = 10 << 10;
    private static final int MOST_REDIRECTS = 10;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final EventLoopGroup loops;

    HttpProbe(EventLoopGroup loops) {
        this.loops = loops;
    }

    Answer ask(URI url, List<Unstructured> headers, Duration limit) {
        Visit visit;
        try {
            visit = new Visit(InetAddress.getByName(host(url)), url, headers);
        } catch (UnknownHostException e) {
            return new Answer(false, "Get \"" + url + "\": dial tcp: lookup " + host(url) + ": no such host");
        }
        visit.go(url);
        return visit.await(limit);
    }

    private static String host(URI url) {
        String host = url.getHost() == null ? "" : url.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static int port(URI url) {
        return url.getPort() >= 0 ? url.getPort() : url.getScheme().equals("https") ? 443 : 80;
    }

    /** One question, over as many connections as there are redirects. Its answer is the first that is given. */
    private final class Visit {
        private final InetAddress address;
        private final URI first;
        private final List<Unstructured> headers;
        private final CompletableFuture<Answer> answer = new CompletableFuture<>();
        private volatile URI url;
        private volatile @Nullable Channel channel;
        private volatile boolean answering;
        private int redirects;

        Visit(InetAddress address, URI first, List<Unstructured> headers) {
            this.address = address;
            this.first = first;
            this.url = first;
            this.headers = headers;
        }

        void go(URI to) {
            url = to;
            answering = false;
            try {
                FullHttpRequest request = request(to);
                var connecting = new Bootstrap()
                        .group(loops)
                        .channel(NioSocketChannel.class)
                        // The limit of the whole ends it.
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                        .handler(new Line(this, to.getScheme().equals("https")))
                        .connect(new InetSocketAddress(address, port(to)));
                channel = connecting.channel();
                connecting.addListener(f -> {
                    if (f.isSuccess()) {
                        connecting.channel().writeAndFlush(request);
                    } else {
                        request.release();
                        fail("dial tcp " + to.getRawAuthority() + ": " + NetworkProber.words(f.cause()));
                    }
                });
                if (answer.isDone()) {
                    connecting.channel().close();
                }
            } catch (RuntimeException e) {
                fail(String.valueOf(e.getMessage()));
            }
        }

        Answer await(Duration limit) {
            try {
                return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                answer.complete(
                        answering
                                ? new Answer(
                                        Result.ERROR,
                                        "context deadline exceeded (Client.Timeout or context cancellation while reading body)")
                                : new Answer(
                                        false,
                                        "Get \"" + url + "\": context deadline exceeded"
                                                + " (Client.Timeout exceeded while awaiting headers)"));
                return answer.join();
            } catch (ExecutionException e) {
                return new Answer(false, String.valueOf(e.getMessage()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Answer(false, "Get \"" + url + "\": context canceled");
            } finally {
                Channel last = channel;
                if (last != null) {
                    last.close();
                }
            }
        }

        private FullHttpRequest request(URI to) {
            String target = to.getRawPath().isEmpty() ? "/" : to.getRawPath();
            target += to.getRawQuery() == null ? "" : "?" + to.getRawQuery();
            FullHttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, target);
            headers.forEach(h -> request.headers().add(h.string("name"), h.string("value")));
            var all = request.headers();
            // A name given by the user is for the place that the user gave.
            if (!all.contains(HttpHeaderNames.HOST) || !to.getRawAuthority().equals(first.getRawAuthority())) {
                all.set(HttpHeaderNames.HOST, to.getRawAuthority());
            }
            if (!all.contains(HttpHeaderNames.USER_AGENT)) {
                all.set(HttpHeaderNames.USER_AGENT, "kube-probe/1.36");
            }
            if (!all.contains(HttpHeaderNames.ACCEPT)) {
                all.set(HttpHeaderNames.ACCEPT, "*/*");
            }
            all.set(HttpHeaderNames.CONNECTION, "close");
            return request;
        }

        void fail(String why) {
            answer.complete(new Answer(false, "Get \"" + url + "\": " + why));
        }

        /** @return whether the answer is that there is another place to ask, which is asked now */
        boolean follows(HttpResponse response) {
            String location = response.headers().get(HttpHeaderNames.LOCATION, "");
            if (!REDIRECTS.contains(response.status().code()) || location.isEmpty()) {
                return false;
            }
            URI to;
            try {
                to = url.resolve(location);
                if (!Set.of("http", "https").contains(String.valueOf(to.getScheme()))) {
                    fail("unsupported protocol scheme \"" + to.getScheme() + "\"");
                    return true;
                }
            } catch (IllegalArgumentException e) {
                fail("failed to parse Location header \"" + location + "\": " + e.getMessage());
                return true;
            }
            if (!host(to).equalsIgnoreCase(host(first))) {
                return false;
            }
            if (++redirects >= MOST_REDIRECTS) {
                url = to;
                fail("stopped after 10 redirects");
            } else {
                go(to);
            }
            return true;
        }

        void end(int code, String body) {
            if (code < 200 || code >= 400) {
                // Without the body: what it says is not for everybody who may see events.
                answer.complete(new Answer(false, "HTTP probe failed with statuscode: " + code));
            } else if (code >= 300) {
                answer.complete(new Answer(Result.WARNING, "Probe terminated redirects, Response body: " + body));
            } else {
                answer.complete(new Answer(true, body));
            }
        }
    }

    private static final class Line extends ChannelInitializer<Channel> {
        private final Visit visit;
        private final boolean tls;

        Line(Visit visit, boolean tls) {
            this.visit = visit;
            this.tls = tls;
        }

        @Override
        protected void initChannel(Channel channel) throws IOException {
            if (tls) {
                // It asks whether the server answers, not who it is.
                SslContext any = SslContextBuilder.forClient()
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .endpointIdentificationAlgorithm(null)
                        .build();
                channel.pipeline().addLast(any.newHandler(channel.alloc()));
            }
            channel.pipeline().addLast(new HttpClientCodec(), new Reader(visit));
        }
    }

    private static final class Reader extends SimpleChannelInboundHandler<HttpObject> {
        private final Visit visit;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private int code;
        private boolean over;

        Reader(Visit visit) {
            this.visit = visit;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject part) throws IOException {
            if (over) {
                return;
            }
            if (part.decoderResult().isFailure()) {
                over = true;
                visit.fail("net/http: HTTP/1.x transport connection broken: malformed HTTP response");
                context.close();
                return;
            }
            if (part instanceof HttpResponse response) {
                code = response.status().code();
                if (code >= 200 && visit.follows(response)) {
                    over = true;
                    context.close();
                    return;
                }
                visit.answering = code >= 200;
            }
            if (part instanceof HttpContent content && code >= 200) {
                int room =
                        Math.min(LONGEST_BODY - body.size(), content.content().readableBytes());
                content.content().readBytes(body, room);
                if (part instanceof LastHttpContent || body.size() == LONGEST_BODY) {
                    over = true;
                    visit.end(code, body.toString(StandardCharsets.UTF_8));
                    context.close();
                }
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (!over) {
                over = true;
                if (visit.answering) {
                    visit.answer.complete(new Answer(Result.ERROR, "unexpected EOF"));
                } else {
                    visit.fail("EOF");
                }
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            over = true;
            visit.fail(NetworkProber.words(cause));
            context.close();
        }
    }
}
