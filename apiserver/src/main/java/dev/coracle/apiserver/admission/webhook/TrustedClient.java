package dev.coracle.apiserver.admission.webhook;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.DefaultHostnameVerifier;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.core5.util.TimeValue;

/** Makes an HTTPS client that trusts certain authorities and nothing else. */
final class TrustedClient {
    private static final int MOST_TO_ONE = 64;
    private static final int MOST = 256;

    private TrustedClient() {}

    /** @param caBundle PEM in base64; {@code ""} for the authorities of this machine */
    static CloseableHttpClient make(String caBundle) throws CallFailure {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust(caBundle), null);
            var tls = ClientTlsStrategyBuilder.create()
                    .setSslContext(context)
                    .setHostVerificationPolicy(HostnameVerificationPolicy.CLIENT)
                    .setHostnameVerifier(new DefaultHostnameVerifier())
                    .buildClassic();
            var connections = PoolingHttpClientConnectionManagerBuilder.create()
                    .setTlsSocketStrategy(tls)
                    .setMaxConnPerRoute(MOST_TO_ONE)
                    .setMaxConnTotal(MOST)
                    // A webhook may have gone since it was asked last.
                    .setDefaultConnectionConfig(ConnectionConfig.custom()
                            .setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS)
                            .setTimeToLive(TimeValue.ofMinutes(10))
                            .build())
                    .build();
            return HttpClients.custom()
                    .setConnectionManager(connections)
                    .disableRedirectHandling()
                    .disableAutomaticRetries()
                    .disableCookieManagement()
                    .disableAuthCaching()
                    .disableDefaultUserAgent()
                    .build();
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw new CallFailure(
                    "could not get REST client: unable to load root certificates: unable to parse bytes as PEM block",
                    e);
        }
    }

    private static TrustManager[] trust(String caBundle) throws GeneralSecurityException, IOException {
        KeyStore authorities = null;
        if (!caBundle.isEmpty()) {
            authorities = KeyStore.getInstance("PKCS12");
            authorities.load(null, null);
            byte[] pem = Base64.getDecoder().decode(caBundle);
            Collection<? extends Certificate> all =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
            if (all.isEmpty()) {
                throw new IOException("no certificates");
            }
            int i = 0;
            for (Certificate c : all) {
                authorities.setCertificateEntry("" + i++, c);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(authorities);
        return factory.getTrustManagers();
    }
}
