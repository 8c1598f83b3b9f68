package dev.coracle.cluster.pki;

import dev.coracle.client.pem.Pem;
import java.security.GeneralSecurityException;

/** A certificate and its private key (PKCS #8), both as PEM. */
public record KeyPairPem(String certificate, String key) {
    /** The key as clients of every language read it, see {@link Pem#traditional}. */
    public String clientKey() {
        try {
            return Pem.traditional(
                    Pem.privateKey(key),
                    Pem.certificates(certificate).getFirst().getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key of ours cannot be read", e);
        }
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "KeyPairPem[certificate=" + certificate + "]";
    }
}
