package dev.coracle.apiserver.admission.webhook;

import dev.coracle.apiserver.admission.Objects;
import dev.coracle.apiserver.proxy.ProxyTargets;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Timers;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Connections to webhooks, which are kept and used again. There is a client for each set of authorities that certificates
 * may come from, each with a bounded number of connections; the least used ones are closed when there are many.
 */
public final class WebhookClients implements AutoCloseable {
    /** As upstream. */
    private static final int MOST_CLIENTS = 200;

    /** More than the largest object takes, twice. */
    private static final int MOST_BYTES = 8 << 20;

    /** Without a charset: webhooks compare the whole. */
    private static final ContentType JSON = ContentType.create("application/json");

    /** Where a Service leads. */
    interface Resolver {
        InetSocketAddress resolve(String namespace, String name, int port) throws CallFailure;
    }

    private final Resolver services;
    private final Timers timers;

    /** By use: the one that was not used for longest is first. */
    private final Map<String, CloseableHttpClient> clients = new LinkedHashMap<>(16, 0.75f, true);

    public WebhookClients(Objects objects, Environment environment) {
        this(new ServiceAddresses(objects, new ProxyTargets(environment.entropy()::nextInt))::of, environment.timers());
    }

    WebhookClients(Resolver services, Timers timers) {
        this.services = services;
        this.timers = timers;
    }

    /**
     * The body of the answer.
     *
     * @param timeout for all of it
     * @throws CallFailure with Go's words for what went wrong
     */
    byte[] post(Endpoint endpoint, byte[] body, Duration timeout) throws CallFailure {
        String address = endpoint.address() + "?timeout=" + timeout.toSeconds() + "s";
        CloseableHttpClient client = client(endpoint);
        HttpPost request = new HttpPost(address);
        request.setEntity(new ByteArrayEntity(body, JSON));
        request.setHeader("Accept", "application/json, */*");
        request.setHeader("User-Agent", "kube-apiserver-admission");
        request.setConfig(config(timeout));
        var late = new AtomicBoolean();
        Timers.Timer end = timers.schedule(timeout, () -> {
            late.set(true);
            request.cancel();
        });
        @Nullable HttpHost target = null;
        try {
            target = target(endpoint, request);
            return client.execute(target, request, WebhookClients::read);
        } catch (CallFailure e) {
            throw new CallFailure(called(address, String.valueOf(e.getMessage())), e);
        } catch (Unsuccessful e) {
            throw new CallFailure("failed to call webhook: " + e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            throw new CallFailure(called(address, late.get() ? "context deadline exceeded" : reason(e, target)), e);
        } finally {
            end.cancel();
        }
    }

    private static String called(String address, String why) {
        return "failed to call webhook: Post \"" + address + "\": " + why;
    }

    @SuppressWarnings("deprecation") // the time to connect is this request's, while the client is for many
    private static RequestConfig config(Duration timeout) {
        Timeout t = Timeout.of(timeout);
        return RequestConfig.custom()
                .setConnectionRequestTimeout(t)
                .setConnectTimeout(t)
                .setResponseTimeout(t)
                .build();
    }

    /** The name says whose certificate it must be; where a Service leads, the name is not looked up. */
    private HttpHost target(Endpoint endpoint, HttpPost request) throws CallFailure {
        if (!endpoint.isService()) {
            try {
                URI url = new URI(endpoint.url());
                return new HttpHost("https", url.getHost(), url.getPort() < 0 ? 443 : url.getPort());
            } catch (URISyntaxException e) {
                throw new CallFailure("Unparsable URL: " + e.getReason(), e);
            }
        }
        InetSocketAddress found = services.resolve(endpoint.namespace(), endpoint.service(), endpoint.port());
        request.setAuthority(new URIAuthority(endpoint.serverName(), endpoint.port()));
        InetAddress address = found.getAddress();
        return new HttpHost("https", address, endpoint.serverName(), found.getPort());
    }

    // ---- answers

    /** Not an answer but the refusal to give one. */
    private static final class Unsuccessful extends IOException {
        Unsuccessful(String why) {
            super(why);
        }
    }

    private static byte[] read(ClassicHttpResponse response) throws IOException {
        byte[] body = new byte[0];
        if (response.getEntity() != null) {
            try (InputStream in = response.getEntity().getContent()) {
                body = in.readNBytes(MOST_BYTES + 1);
                if (body.length > MOST_BYTES) {
                    // The rest is not waited for: closing would read it.
                    response.close();
                    throw new Unsuccessful("the response is larger than " + MOST_BYTES + " bytes");
                }
            }
        }
        int code = response.getCode();
        if (code < 200 || code > 206) {
            throw new Unsuccessful(GoWords.ofCode(code, new String(body, StandardCharsets.UTF_8)));
        }
        return body;
    }

    private static String reason(Exception e, @Nullable HttpHost target) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            switch (t) {
                case SSLPeerUnverifiedException x -> {
                    return "tls: failed to verify certificate: x509: certificate is not valid for "
                            + (target == null ? "it" : target.getHostName()) + ": " + x.getMessage();
                }
                case CertPathValidatorException x
                when x.getReason() == BasicReason.EXPIRED -> {
                    return "tls: failed to verify certificate: x509: certificate has expired or is not yet valid";
                }
                case CertPathValidatorException x -> {
                    return "tls: failed to verify certificate: x509: certificate signed by unknown authority";
                }
                case CertPathBuilderException x -> {
                    return "tls: failed to verify certificate: x509: certificate signed by unknown authority";
                }
                case SocketTimeoutException x -> {
                    return "context deadline exceeded";
                }
                case UnknownHostException x -> {
                    return "dial tcp: lookup " + (target == null ? "" : target.getHostName()) + ": no such host";
                }
                case ConnectException x
                when target != null -> {
                    String host = target.getAddress() == null
                            ? target.getHostName()
                            : target.getAddress().getHostAddress();
                    return "dial tcp " + host + ":" + target.getPort() + ": connect: connection refused";
                }
                case NoHttpResponseException x -> {
                    return "EOF";
                }
                case ConnectionClosedException x -> {
                    return "unexpected EOF";
                }
                default -> {
                    // Perhaps its cause says more.
                }
            }
        }
        return String.valueOf(e.getMessage());
    }

    // ---- clients

    private CloseableHttpClient client(Endpoint endpoint) throws CallFailure {
        List<CloseableHttpClient> unused = new ArrayList<>();
        try {
            // Making one takes no network.
            synchronized (clients) {
                CloseableHttpClient known = clients.get(endpoint.caBundle());
                if (known == null) {
                    known = TrustedClient.make(endpoint.caBundle());
                    clients.put(endpoint.caBundle(), known);
                    if (clients.size() > MOST_CLIENTS) {
                        unused.add(clients.remove(clients.keySet().iterator().next()));
                    }
                }
                return known;
            }
        } finally {
            unused.forEach(c -> c.close(CloseMode.GRACEFUL));
        }
    }

    @Override
    public void close() {
        synchronized (clients) {
            clients.values().forEach(c -> c.close(CloseMode.IMMEDIATE));
            clients.clear();
        }
    }
}
