package dev.coracle.cli.kubectl.proxy;

import dev.coracle.apiserver.proxy.Destination;
import dev.coracle.client.https.Endpoint;
import dev.coracle.client.pem.OneKey;
import dev.coracle.client.pem.Pem;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The API server, as the kubeconfig has it, and who asks there. */
final class Upstream {
    private final Endpoint endpoint;
    private final boolean below;
    /** Null where the server speaks no TLS; then there is nobody to be shown, either. */
    private final @Nullable SslContext tls;

    /** @param below whether the server's own path comes before every path */
    Upstream(Endpoint endpoint, boolean below) {
        this.endpoint = endpoint;
        this.below = below;
        this.tls = "https".equals(endpoint.server().getScheme()) ? tls(endpoint) : null;
    }

    private static SslContext tls(Endpoint endpoint) {
        try {
            SslContextBuilder b = SslContextBuilder.forClient().protocols("TLSv1.3", "TLSv1.2");
            if (!endpoint.certificate().isEmpty()) {
                b.keyManager(OneKey.of(endpoint.certificate(), endpoint.key()));
            }
            if (endpoint.insecure()) {
                b.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm("");
            } else if (!endpoint.certificateAuthority().isEmpty()) {
                b.trustManager(Pem.certificates(endpoint.certificateAuthority()).toArray(X509Certificate[]::new));
            }
            return b.build();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(
                    "the credentials for " + endpoint.server() + " cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * @param target path and query, as they are sent
     * @param asked what the caller says of itself, which goes before what the kubeconfig does
     */
    Destination to(String target, HttpHeaders asked) {
        String host = endpoint.server().getHost();
        int given = endpoint.server().getPort();
        int port = given >= 0 ? given : tls == null ? 80 : 443;
        String whole = (below ? endpoint.server().getRawPath().replaceAll("/+$", "") : "") + target;
        String plain = host.replaceAll("[\\[\\]]", "");
        if (tls == null) {
            return new Destination(Destination.Kind.HTTP, Destination.Security.PLAIN, plain, port, whole);
        }
        // As for any HTTP, but by its own TLS and as someone.
        return new Destination(
                Destination.Kind.HTTP,
                Destination.Security.API,
                plain,
                port,
                whole,
                "",
                Optional.of(new Destination.Api(tls, plain, identity(asked), Duration.ZERO)));
    }

    private HttpHeaders identity(HttpHeaders asked) {
        HttpHeaders headers = new DefaultHttpHeaders();
        asked.forEach(h -> {
            String name = h.getKey().toLowerCase(Locale.ROOT);
            if (name.equals("authorization") || name.startsWith("impersonate-")) {
                headers.add(h.getKey(), h.getValue());
            }
        });
        String token = token();
        if (!token.isEmpty() && !headers.contains("Authorization")) {
            headers.add("Authorization", "Bearer " + token);
        }
        if (headers.contains("Impersonate-User")) {
            return headers;
        }
        Endpoint.Impersonation as = endpoint.as();
        if (!as.user().isEmpty()) {
            headers.add("Impersonate-User", as.user());
        }
        if (!as.uid().isEmpty()) {
            headers.add("Impersonate-Uid", as.uid());
        }
        as.groups().forEach(g -> headers.add("Impersonate-Group", g));
        return headers;
    }

    private String token() {
        if (endpoint.tokenFile().isEmpty()) {
            return endpoint.token();
        }
        try {
            return Files.readString(Path.of(endpoint.tokenFile())).trim();
        } catch (IOException e) {
            throw new UncheckedIOException("the token file " + endpoint.tokenFile() + " cannot be read", e);
        }
    }
}
