package dev.coracle.apiserver.aggregation;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.Unstructured;
import io.netty.handler.ssl.JdkSslContext;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.DefaultHostnameVerifier;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.util.Timeout;

/**
 * What this server itself asks extension servers for: whether they are there, and what they serve; and what its own
 * components ask them in process. Seldom enough for each
 * question to have a connection of its own.
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
        InetSocketAddress way = reach.way().apply(at);
        HttpGet request = new HttpGet(url(at, path));
        request.setHeader("Accept", "application/json");
        request.setHeader("User-Agent", "kube-apiserver");
        Identity.of(user).forEach(h -> request.addHeader(h.getKey(), h.getValue()));
        request.setAuthority(new URIAuthority(remote.serverName(), at.getPort()));
        var late = new AtomicBoolean();
        Timers.Timer end = timers.schedule(reach.probe(), () -> {
            late.set(true);
            request.cancel();
        });
        CloseableHttpClient client = client(peers.tls(trust), trust);
        open.add(client);
        try {
            if (closed) {
                throw new IOException("this server closes");
            }
            var target = new HttpHost("https", way.getAddress(), remote.serverName(), way.getPort());
            return client.execute(target, request, response -> read(response, most));
        } catch (IOException | RuntimeException e) {
            throw new IOException("Get \"" + url(at, path) + "\": " + why(e, late.get(), at), e);
        } finally {
            end.cancel();
            open.remove(client);
            client.close(CloseMode.IMMEDIATE);
        }
    }

    @SuppressWarnings("deprecation") // the client is for this request alone
    private CloseableHttpClient client(JdkSslContext tls, Trust trust) {
        var strategy = ClientTlsStrategyBuilder.create()
                .setSslContext(tls.context())
                .setHostVerificationPolicy(HostnameVerificationPolicy.CLIENT)
                .setHostnameVerifier(trust.anyone() ? NoopHostnameVerifier.INSTANCE : new DefaultHostnameVerifier())
                .buildClassic();
        Timeout patience = Timeout.of(reach.probe());
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setTlsSocketStrategy(strategy)
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectTimeout(patience)
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
