package dev.coracle.controllers.externalsecrets;

import dev.coracle.client.pem.Pem;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;

/**
 * The JDK's client, bounded: in time, from the first packet to the last byte, and in what an answer may weigh. It follows
 * no redirect, since credentials are for the server that was named. Nothing of it is made before the first request.
 */
final class HttpOutbound implements Outbound, AutoCloseable {
    /** Four times what a Secret may hold, for lists. */
    private static final int MOST = 4 * 1024 * 1024;
    /** How many sets of authorities are remembered. */
    private static final int CLIENTS = 8;

    private final Executor executor;
    private final Duration patience;
    /** By the authorities, the one used last at the end. */
    private final Map<String, HttpClient> clients = new LinkedHashMap<>(16, 0.75f, true);

    /** @param executor on which answers arrive */
    HttpOutbound(Executor executor, Duration patience) {
        this.executor = executor;
        this.patience = patience;
    }

    @Override
    public Answer send(Request request) throws ProviderException {
        CompletableFuture<HttpResponse<byte[]>> answer = null;
        try {
            HttpRequest.Builder builder = HttpRequest.newBuilder(request.uri())
                    .timeout(patience)
                    .method(request.method(), HttpRequest.BodyPublishers.ofByteArray(request.body()));
            request.headers().forEach(builder::header);
            answer = client(request.authorities())
                    .sendAsync(
                            builder.build(),
                            HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MOST));
            HttpResponse<byte[]> response = answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return new Answer(response.statusCode(), response.body());
        } catch (IllegalArgumentException e) {
            // Its message quotes the header, which may be the token.
            throw ProviderException.configuration(request + ": an address or a header that cannot be sent");
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw ProviderException.unreachable(request + ": no whole answer within " + patience.toSeconds() + "s");
        } catch (ExecutionException e) {
            throw ProviderException.unreachable(request + ": " + why(e.getCause() != null ? e.getCause() : e));
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw ProviderException.unreachable(request + ": interrupted");
        }
    }

    /** In words of our own: those of others may quote what was sent. */
    private String why(Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof UnresolvedAddressException) {
                return "no such host";
            }
            if (t instanceof SSLException) {
                return "tls: " + t.getMessage();
            }
        }
        return switch (e) {
            case HttpTimeoutException t -> "no answer within " + patience.toSeconds() + "s";
            case ConnectException c -> "connection refused";
            case IOException io
            when String.valueOf(io.getMessage()).contains("capacity") -> "an answer of more than " + MOST + " bytes";
            default -> "the connection broke";
        };
    }

    private synchronized HttpClient client(String authorities) throws ProviderException {
        HttpClient known = clients.get(authorities);
        if (known != null) {
            return known;
        }
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(patience)
                .executor(executor);
        if (!authorities.isEmpty()) {
            builder.sslContext(trusting(authorities));
        }
        HttpClient client = builder.build();
        clients.put(authorities, client);
        if (clients.size() > CLIENTS) {
            HttpClient oldest = clients.remove(clients.keySet().iterator().next());
            if (oldest != null) {
                oldest.shutdown();
            }
        }
        return client;
    }

    private static SSLContext trusting(String authorities) throws ProviderException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (X509Certificate c : Pem.certificates(authorities)) {
                store.setCertificateEntry("authority-" + store.size(), c);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw ProviderException.configuration("failed to parse caBundle: no certificates in PEM");
        }
    }

    @Override
    public synchronized void close() {
        clients.values().forEach(HttpClient::shutdownNow);
        clients.clear();
    }
}
