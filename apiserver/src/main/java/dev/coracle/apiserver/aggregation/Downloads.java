package dev.coracle.apiserver.aggregation;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.Unstructured;
import io.netty.handler.ssl.JdkSslContext;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.DefaultHostnameVerifier;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.util.Timeout;

/**
 * What this server itself asks extension servers for: whether they are there, and what they serve; and what its own
 * components ask them in process. Seldom enough for each question to have a connection of its own.
 */
final class Downloads implements AutoCloseable {
    /** @param body cut off behind as many bytes as were wanted at most */
    record Answer(int code, byte[] body) {
        boolean good() {
            return code >= 200 && code < 300;
        }

        /** Empty when it is none. */
        Optional<Unstructured> document() {
            try {
                return Optional.of(Unstructured.parse(body));
            } catch (MalformedJsonException e) {
                return Optional.empty();
            }
        }
    }

    private static final int MOST_REFUSAL = 1 << 20;

    private final Peers peers;
    private final Timers timers;
    private final Reach reach;
    private final Set<CloseableHttpClient> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Downloads(Peers peers, Timers timers, Reach reach) {
        this.peers = peers;
        this.timers = timers;
        this.reach = reach;
    }

    static String url(InetSocketAddress at, String path) {
        String host = at.getAddress().getHostAddress();
        return "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + at.getPort() + path;
    }

    /** As this server itself. */
    Answer get(Remote remote, Trust trust, InetSocketAddress at, String path, int most) throws IOException {
        return get(remote, trust, at, path, Identity.AGGREGATOR, most);
    }

    /**
     * @param at an endpoint
     * @param path and query
     * @param most bytes of the body that are read
     * @throws IOException with Go's words for what went wrong
     */
    Answer get(Remote remote, Trust trust, InetSocketAddress at, String path, UserInfo user, int most)
            throws IOException {
        return send(remote, trust, at, user, new Question("GET", path, "", new byte[0]), most);
    }

    /**
     * What is asked.
     *
     * @param path and query
     * @param type the body's media type; {@code ""} with no body
     */
    record Question(String method, String path, String type, byte[] body) {
        private HttpUriRequestBase request(InetSocketAddress at) {
            HttpUriRequestBase request = new HttpUriRequestBase(method, URI.create(url(at, path)));
            if (!type.isEmpty()) {
                request.setEntity(new ByteArrayEntity(body, ContentType.parse(type)));
            }
            return request;
        }

        /** As Go has it: {@code Get}. */
        private String verb() {
            return method.charAt(0) + method.substring(1).toLowerCase(Locale.ROOT);
        }
    }

    /** As {@link #get}, for any question. */
    Answer send(Remote remote, Trust trust, InetSocketAddress at, UserInfo user, Question question, int most)
            throws IOException {
        var late = new AtomicBoolean();
        HttpUriRequestBase request = identified(question.request(at), remote, at, user);
        Timers.Timer end = timers.schedule(reach.probe(), () -> {
            late.set(true);
            request.cancel();
        });
        CloseableHttpClient client = opened(trust, reach.probe());
        try {
            return client.execute(target(remote, at), request, response -> read(response, most));
        } catch (IOException | RuntimeException e) {
            throw failed(question, at, e, late.get());
        } finally {
            end.cancel();
            closed(client);
        }
    }

    /**
     * The answer to a GET as it comes; closing it, or this, ends it.
     *
     * @param refused makes what is thrown of an answer that is none
     * @throws IOException with Go's words for what went wrong
     */
    InputStream stream(
            Remote remote,
            Trust trust,
            InetSocketAddress at,
            UserInfo user,
            String path,
            Function<Answer, RuntimeException> refused)
            throws IOException {
        Question question = new Question("GET", path, "", new byte[0]);
        HttpUriRequestBase request = identified(question.request(at), remote, at, user);
        CloseableHttpClient client = opened(trust, Duration.ZERO);
        boolean open = false;
        try {
            ClassicHttpResponse response = client.executeOpen(target(remote, at), request, null);
            if (response.getCode() >= 400 || response.getEntity() == null) {
                throw refused.apply(read(response, MOST_REFUSAL));
            }
            InputStream body = new FilterInputStream(response.getEntity().getContent()) {
                @Override
                public void close() {
                    closed(client);
                }
            };
            open = true;
            return body;
        } catch (IOException e) {
            throw failed(question, at, e, false);
        } finally {
            if (!open) {
                closed(client);
            }
        }
    }

    private static HttpUriRequestBase identified(
            HttpUriRequestBase request, Remote remote, InetSocketAddress at, UserInfo user) {
        request.setHeader("Accept", "application/json");
        request.setHeader("User-Agent", "kube-apiserver");
        Identity.of(user).forEach(h -> request.addHeader(h.getKey(), h.getValue()));
        request.setAuthority(new URIAuthority(remote.serverName(), at.getPort()));
        return request;
    }

    private HttpHost target(Remote remote, InetSocketAddress at) {
        InetSocketAddress way = reach.way().apply(at);
        return new HttpHost("https", way.getAddress(), remote.serverName(), way.getPort());
    }

    private CloseableHttpClient opened(Trust trust, Duration patience) throws IOException {
        CloseableHttpClient client = client(peers.tls(trust), trust, patience);
        open.add(client);
        if (closed) {
            closed(client);
            throw new IOException("this server closes");
        }
        return client;
    }

    private void closed(CloseableHttpClient client) {
        open.remove(client);
        client.close(CloseMode.IMMEDIATE);
    }

    private static IOException failed(Question question, InetSocketAddress at, Exception e, boolean late) {
        return new IOException(question.verb() + " \"" + url(at, question.path()) + "\": " + why(e, late, at), e);
    }

    @SuppressWarnings("deprecation") // the client is for this request alone
    private CloseableHttpClient client(JdkSslContext tls, Trust trust, Duration wait) {
        var strategy = ClientTlsStrategyBuilder.create()
                .setSslContext(tls.context())
                .setHostVerificationPolicy(HostnameVerificationPolicy.CLIENT)
                .setHostnameVerifier(trust.anyone() ? NoopHostnameVerifier.INSTANCE : new DefaultHostnameVerifier())
                .buildClassic();
        Timeout patience = Timeout.of(wait);
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setTlsSocketStrategy(strategy)
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectTimeout(Timeout.of(reach.probe()))
                        .setResponseTimeout(patience)
                        .build())
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableDefaultUserAgent()
                .build();
    }

    private static Answer read(ClassicHttpResponse response, int most) throws IOException {
        if (response.getEntity() == null) {
            return new Answer(response.getCode(), new byte[0]);
        }
        InputStream in = response.getEntity().getContent();
        byte[] body = in.readNBytes(most);
        if (body.length == most) {
            // The rest is not waited for: closing would read it.
            response.close();
        }
        return new Answer(response.getCode(), body);
    }

    private static String why(Exception e, boolean late, InetSocketAddress at) {
        if (late || e instanceof SocketTimeoutException) {
            return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
        }
        if (e instanceof ConnectException) {
            return "dial tcp " + at.getAddress().getHostAddress() + ":" + at.getPort()
                    + ": connect: connection refused";
        }
        return String.valueOf(e.getMessage());
    }

    @Override
    public void close() {
        closed = true;
        open.forEach(c -> c.close(CloseMode.IMMEDIATE));
    }
}
