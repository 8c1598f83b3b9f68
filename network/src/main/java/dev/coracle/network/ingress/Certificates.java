package dev.coracle.network.ingress;

import dev.coracle.client.pem.Pem;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.EdECKey;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of all hosts, chosen by the name a client asks for (SNI). The set is replaced as a whole; handshakes
 * under way when that happens end with one or the other.
 */
final class Certificates extends X509ExtendedKeyManager {
    /** A chain with its key. */
    record Pair(PrivateKey key, X509Certificate[] chain) {}

    private volatile Map<String, Pair> byHost = Map.of();

    /** @param pairs by host name, {@code *.example.com} for wildcards, {@code ""} for everybody else */
    void replace(Map<String, Pair> pairs) {
        byHost = Map.copyOf(pairs);
    }

    /**
     * @param certificate PEM, the host's own first
     * @param key PEM, of any algorithm that TLS knows and in any wrapping
     * @throws GeneralSecurityException that says why the two cannot be used
     */
    static Pair parse(String certificate, String key) throws GeneralSecurityException {
        X509Certificate[] chain = Pem.certificates(certificate).toArray(X509Certificate[]::new);
        PrivateKey own = Pem.privateKey(key);
        if (!Pem.belong(own, chain[0].getPublicKey())) {
            throw new GeneralSecurityException("private key does not match public key");
        }
        return new Pair(own, chain);
    }

    private @Nullable String alias(String keyType, @Nullable Socket socket) {
        String asked = "";
        if (socket instanceof SSLSocket tls && tls.getHandshakeSession() instanceof ExtendedSSLSession session) {
            for (SNIServerName name : session.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    asked = host.getAsciiName().toLowerCase(Locale.ROOT);
                }
            }
        }
        for (String candidate : Routes.candidates(asked)) {
            Pair pair = byHost.get(candidate);
            if (pair != null) {
                // The narrowest is the host's, of whatever algorithm it is: TLS asks for the others in turn.
                return !keyType.equals(type(pair.key())) ? null : candidate.isEmpty() ? "default" : candidate;
            }
        }
        return null;
    }

    /** The key's algorithm as TLS calls it. */
    private static String type(PrivateKey key) {
        return key instanceof EdECKey ? "EdDSA" : key.getAlgorithm();
    }

    private @Nullable Pair pair(@Nullable String alias) {
        return alias == null ? null : byHost.get(alias.equals("default") ? "" : alias);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return alias(keyType, socket);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
        Pair pair = pair(alias);
        return pair == null ? null : pair.chain();
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
        Pair pair = pair(alias);
        return pair == null ? null : pair.key();
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
