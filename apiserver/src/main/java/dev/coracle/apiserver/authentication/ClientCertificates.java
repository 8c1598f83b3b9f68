package dev.coracle.apiserver.authentication;

import dev.coracle.client.pem.Pem;
import dev.coracle.machinery.env.Clock;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which client certificates are good: signed by the cluster's authority, in their time, and made for clients. TLS itself
 * takes any, as upstream's does, so that one who shows a wrong one is told 401 and not a torn connection.
 */
public final class ClientCertificates {
    private static final int REMEMBERED = 1024;
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String ANY_USAGE = "2.5.29.37.0";

    private final List<X509Certificate> authorities;
    private final Clock clock;
    /** Those whose signature has been verified, the least used of which are forgotten. */
    private final Map<X509Certificate, Boolean> verified = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<X509Certificate, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** @param authoritiesPem one or several */
    public ClientCertificates(String authoritiesPem, Clock clock) {
        this.clock = clock;
        try {
            this.authorities = Pem.certificates(authoritiesPem);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the authority of client certificates cannot be read", e);
        }
    }

    /** Whose certificates clients are asked for. */
    public X509Certificate[] authorities() {
        return authorities.toArray(X509Certificate[]::new);
    }

    /** @param chain the client's own first */
    boolean trusted(List<X509Certificate> chain) {
        Date now = Date.from(clock.now());
        X509Certificate own = chain.getFirst();
        if (now.before(own.getNotBefore()) || now.after(own.getNotAfter())) {
            return false;
        }
        synchronized (verified) {
            Boolean known = verified.get(own);
            if (known != null) {
                return known;
            }
        }
        boolean good = verify(chain, now);
        synchronized (verified) {
            verified.put(own, good);
        }
        return good;
    }

    private boolean verify(List<X509Certificate> chain, Date now) {
        try {
            List<String> usages = chain.getFirst().getExtendedKeyUsage();
            if (usages != null && !usages.contains(CLIENT_AUTH) && !usages.contains(ANY_USAGE)) {
                return false;
            }
            var path = CertificateFactory.getInstance("X.509")
                    .generateCertPath(
                            chain.stream().filter(c -> !authorities.contains(c)).toList());
            var parameters = new PKIXParameters(
                    authorities.stream().map(a -> new TrustAnchor(a, null)).collect(Collectors.toSet()));
            parameters.setRevocationEnabled(false);
            parameters.setDate(now);
            CertPathValidator.getInstance("PKIX").validate(path, parameters);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
