package dev.coracle.network.ingress;

import dev.coracle.machinery.log.LogFile;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * @param http where to listen for HTTP: the control-plane node's IP, port 80, and perhaps a port of localhost
 * @param https the same for HTTPS
 * @param publishAddress is written to {@code status.loadBalancer.ingress} of the Ingresses served
 * @param fallbackCertificate PEM chain for clients whose name no Secret serves; {@code ""}: their handshake fails
 * @param fallbackKey its PEM key
 * @param accessLog gets a line per request
 * @param connections most that clients may have at once; beyond, the one that was idle for longest makes room
 */
public record IngressConfig(
        List<InetSocketAddress> http,
        List<InetSocketAddress> https,
        String publishAddress,
        String fallbackCertificate,
        String fallbackKey,
        LogFile accessLog,
        int connections) {
    public static final String CONTROLLER = "k8s.io/ingress-nginx";

    private static final int USUAL_CONNECTIONS = 4096;

    public IngressConfig(
            List<InetSocketAddress> http,
            List<InetSocketAddress> https,
            String publishAddress,
            String fallbackCertificate,
            String fallbackKey,
            LogFile accessLog) {
        this(http, https, publishAddress, fallbackCertificate, fallbackKey, accessLog, USUAL_CONNECTIONS);
    }

    public IngressConfig {
        http = List.copyOf(http);
        https = List.copyOf(https);
    }
}
