package dev.coracle.client.pem;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.EdECKey;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * One certificate, whatever is asked for, as server and as client. It stands in for a key store of one entry, which would
 * encrypt the key under a password of thousands of rounds only to have it read back: half of the time that a server takes
 * to begin.
 */
public final class OneKey extends X509ExtendedKeyManager {
    private static final String ALIAS = "own";
    private final X509Certificate[] chain;
    private final PrivateKey key;

    private OneKey(List<X509Certificate> chain, PrivateKey key) {
        this.chain = chain.toArray(X509Certificate[]::new);
        this.key = key;
    }

    /**
     * @param certificate PEM, its own first
     * @param key PEM
     * @throws GeneralSecurityException when one of them cannot be read
     */
    public static OneKey of(String certificate, String key) throws GeneralSecurityException {
        return new OneKey(Pem.certificates(certificate), Pem.privateKey(key));
    }

    /** As TLS calls it. */
    private String algorithm() {
        return key instanceof EdECKey ? "EdDSA" : key.getAlgorithm();
    }

    @Override
    public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public @Nullable String chooseClientAlias(String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return key instanceof EdECKey || List.of(types).contains(algorithm()) ? ALIAS : null;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return chooseClientAlias(types, issuers, null);
    }

    @Override
    public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public @Nullable String chooseServerAlias(String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return type.equals(algorithm()) ? ALIAS : null;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return chooseServerAlias(type, issuers, null);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return chain.clone();
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return key;
    }
}
