package dev.coracle.kubelet.server;

/**
 * Where and as whom a kubelet serves.
 *
 * @param port 0 for any free one
 * @param certificatePem with its chain
 * @param keyPem PKCS#8
 * @param clientCaPem who calls must show a certificate of it
 */
public record ServerConfig(
        String nodeName, String host, int port, String certificatePem, String keyPem, String clientCaPem) {}
