package dev.coracle.cli.demo;

import dev.coracle.machinery.env.Environment;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Knocks at the ingress as a client from outside would: by name, over TLS, trusting the cluster's authority alone. A bare
 * socket, because the JDK's HTTP client takes longer to load than the cluster to answer.
 */
final class FrontDoor {
    private static final int TIMEOUT_MILLIS = 5_000;

    private final String address;
    private final String host;
    private final SSLContext tls;

    FrontDoor(String address, String host, String caCertificate) throws GeneralSecurityException, IOException {
        this.address = address;
        this.host = host;
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "ca",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(caCertificate.getBytes(StandardCharsets.US_ASCII))));
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        tls = SSLContext.getInstance("TLS");
        tls.init(null, factory.getTrustManagers(), null);
    }

    /** Returns when the path is answered with 200; nothing tells when an ingress has taken up its routes but asking. */
    void await(String path, Environment environment, Duration patience) throws InterruptedException {
        long began = environment.clock().nanos();
        String last = "";
        while (environment.clock().elapsed(began).compareTo(patience) < 0) {
            try {
                last = get(path);
                if (last.contains(" 200 ")) {
                    return;
                }
            } catch (IOException e) {
                last = e.toString();
            }
            environment.sleep(Duration.ofMillis(25));
        }
        throw new IllegalStateException("https://" + host + path + " at " + address + " does not answer: " + last);
    }

    /** The status line. */
    private String get(String path) throws IOException {
        try (Socket tcp = new Socket()) {
            tcp.connect(new InetSocketAddress(address, 443), TIMEOUT_MILLIS);
            tcp.setSoTimeout(TIMEOUT_MILLIS);
            try (SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(tcp, host, 443, true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
                String request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                String answer = new String(socket.getInputStream().readNBytes(256), StandardCharsets.ISO_8859_1);
                return answer.lines().findFirst().orElse("an empty answer");
            }
        }
    }
}
