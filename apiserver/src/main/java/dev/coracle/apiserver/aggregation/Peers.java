package dev.coracle.apiserver.aggregation;

import dev.coracle.apiserver.FrontProxy;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** What TLS with extension servers takes, made once for each set of authorities. */
final class Peers {
    private static final int MOST = 100;

    private final FrontProxy own;
    /** By use: the one that was not used for longest is first. */
    private final Map<Trust, JdkSslContext> known = new LinkedHashMap<>(16, 0.75f, true);

    Peers(FrontProxy own) {
        this.own = own;
    }

    /** @throws IOException when the authorities are none */
    synchronized JdkSslContext tls(Trust trust) throws IOException {
        JdkSslContext made = known.get(trust);
        if (made == null) {
            made = make(trust);
            known.put(trust, made);
            if (known.size() > MOST) {
                known.remove(known.keySet().iterator().next());
            }
        }
        return made;
    }

    private JdkSslContext make(Trust trust) throws IOException {
        SslContextBuilder b =
                SslContextBuilder.forClient().sslProvider(SslProvider.JDK).protocols("TLSv1.3", "TLSv1.2");
        if (!own.certificate().isEmpty()) {
            b.keyManager(pem(own.certificate()), pem(own.key()));
        }
        try {
            if (trust.anyone()) {
                b.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm("");
            } else if (!trust.bundle().isEmpty()) {
                b.trustManager(new ByteArrayInputStream(Base64.getDecoder().decode(trust.bundle())));
            }
            return (JdkSslContext) b.build();
        } catch (IllegalArgumentException | IOException e) {
            throw new IOException("unable to load root certificates: unable to parse bytes as PEM block", e);
        }
    }

    private static InputStream pem(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }
}
