package dev.coracle.cluster.pki;

/** A certificate and its private key (PKCS #8), both as PEM. */
public record KeyPairPem(String certificate, String key) {
    /** Without the key. */
    @Override
    public String toString() {
        return "KeyPairPem[certificate=" + certificate + "]";
    }
}
