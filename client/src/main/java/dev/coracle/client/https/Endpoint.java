package dev.coracle.client.https;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * Where an API server is, what to believe of it, and who asks. Parts that are not there are {@code ""}.
 *
 * @param server {@code https://host:port}, with a path if the API lies below one
 * @param certificateAuthority PEM; {@code ""}: the authorities that the JDK trusts
 * @param insecure believe any certificate for any name
 * @param certificate the client's, PEM, with {@code key} (PKCS #8, PKCS #1 or SEC 1)
 * @param token sent as {@code Authorization: Bearer}
 * @param tokenFile read again every minute, as service-account tokens are renewed in place; wins over {@code token}
 * @param namespace what the context calls its namespace
 * @param as whom the request is to be taken for, if the server lets who asks do so
 */
public record Endpoint(
        URI server,
        String certificateAuthority,
        boolean insecure,
        String certificate,
        String key,
        String token,
        String tokenFile,
        String namespace,
        Impersonation as) {

    /** Another, with those groups; {@code ""} is nobody else. */
    public record Impersonation(String user, String uid, List<String> groups) {
        public static final Impersonation NONE = new Impersonation("", "", List.of());
    }

    /** As oneself. */
    public Endpoint(
            URI server,
            String certificateAuthority,
            boolean insecure,
            String certificate,
            String key,
            String token,
            String tokenFile,
            String namespace) {
        this(server, certificateAuthority, insecure, certificate, key, token, tokenFile, namespace, Impersonation.NONE);
    }

    public Endpoint as(Impersonation other) {
        return new Endpoint(
                server, certificateAuthority, insecure, certificate, key, token, tokenFile, namespace, other);
    }

    /** With another token, and nothing else to be known by. */
    public Endpoint withToken(String other) {
        return new Endpoint(server, certificateAuthority, insecure, "", "", other, "", namespace, as);
    }

    /** A server that is known by its authority, as one who shows a client certificate. */
    public static Endpoint mutual(URI server, String certificateAuthority, String certificate, String key) {
        return new Endpoint(server, certificateAuthority, false, certificate, key, "", "", "");
    }

    /** What a pod finds under {@code /var/run/secrets/kubernetes.io/serviceaccount}. */
    public static Endpoint inCluster(URI server, String certificateAuthority, Path tokenFile, String namespace) {
        return new Endpoint(server, certificateAuthority, false, "", "", "", tokenFile.toString(), namespace);
    }

    /** Without the secrets. */
    @Override
    public String toString() {
        return "Endpoint[" + server + "]";
    }
}
