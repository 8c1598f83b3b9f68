package dev.coracle.apiserver;

/**
 * With what this server makes itself known to the servers behind APIServices, which then believe what it says of who
 * asks.
 *
 * @param authority signs {@code certificate} and nobody else's, PEM
 * @param certificate and {@code key} (PKCS #8): PEM
 */
public record FrontProxy(String authority, String certificate, String key) {
    /** Shows nothing, and so is believed by nobody. */
    public static final FrontProxy NONE = new FrontProxy("", "", "");

    /** The common name of the certificate. */
    public static final String NAME = "front-proxy-client";

    /** Without the key. */
    @Override
    public String toString() {
        return "FrontProxy[certificate=" + certificate + "]";
    }
}
