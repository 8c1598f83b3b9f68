package dev.coracle.apiserver.http;

import java.net.Socket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Lets every client through TLS, having told it whose certificates are wanted: whether the one it shows is good,
 * authentication asks.
 */
final class AnyClient extends X509ExtendedTrustManager {
    private final X509Certificate[] wanted;

    AnyClient(X509Certificate[] wanted) {
        this.wanted = wanted.clone();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return wanted.clone();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
        throw new IllegalStateException("this is a server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
        throw new IllegalStateException("this is a server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
        throw new IllegalStateException("this is a server");
    }
}
