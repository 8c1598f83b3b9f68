package dev.coracle.client.https;

import dev.coracle.client.pem.OneKey;
import dev.coracle.client.pem.Pem;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** What an endpoint believes and shows, as the JDK's TLS wants it. No key store is written: that costs start-up. */
final class Tls {
    private Tls() {}

    static SSLContext context(Endpoint endpoint) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys = endpoint.certificate().isEmpty()
                    ? null
                    : new KeyManager[] {OneKey.of(endpoint.certificate(), endpoint.key())};
            TrustManager[] trust = endpoint.insecure()
                    ? new TrustManager[] {new Anyone()}
                    : endpoint.certificateAuthority().isEmpty()
                            ? null
                            : trust(Pem.certificates(endpoint.certificateAuthority()));
            context.init(keys, trust, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(
                    "the credentials for " + endpoint.server() + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trust(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("ca" + i, authorities.get(i));
        }
        TrustManagerFactory f = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        f.init(store);
        return f.getTrustManagers();
    }

    /** For {@code insecure-skip-tls-verify}: an extended trust manager also answers for the name, so it is unchecked. */
    private static final class Anyone extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
