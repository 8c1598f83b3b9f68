package dev.coracle.cluster;

import dev.coracle.cluster.pki.KeyPairPem;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The text of a {@code v1 Config}. */
final class Kubeconfig {
    private Kubeconfig() {}

    static String text(String cluster, String server, String caPem, KeyPairPem client) {
        String context = "coracle-" + cluster;
        return """
                apiVersion: v1
                kind: Config
                clusters:
                - name: %1$s
                  cluster:
                    server: %2$s
                    certificate-authority-data: %3$s
                users:
                - name: %1$s
                  user:
                    client-certificate-data: %4$s
                    client-key-data: %5$s
                contexts:
                - name: %1$s
                  context:
                    cluster: %1$s
                    user: %1$s
                current-context: %1$s
                """.formatted(context, server, base64(caPem), base64(client.certificate()), base64(client.clientKey()));
    }

    /** Where a cluster is, and nobody who would use it: a cluster without a name, the fields in client-go's order. */
    static String ofNobody(String server, String caPem) {
        return """
                apiVersion: v1
                clusters:
                - cluster:
                    certificate-authority-data: %s
                    server: %s
                  name: ""
                contexts: null
                current-context: ""
                kind: Config
                users: null
                """.formatted(base64(caPem), server);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
