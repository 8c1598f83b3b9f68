package dev.coracle.kubelet.server.http;

import java.security.cert.X509Certificate;
import java.util.LinkedHashSet;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Who may call. Upstream's kubelet asks the API server whether the caller may use {@code nodes/proxy}; of the
 * identities that a cluster's CA signs, these are the ones that may from the beginning, and so nobody is asked.
 */
final class Callers {
    private static final String MASTERS = "system:masters";
    private static final String API_SERVER = "kube-apiserver-kubelet-client";

    private Callers() {}

    record Caller(String name, Set<String> groups) {
        boolean mayCall() {
            return name.equals(API_SERVER) || groups.contains(MASTERS);
        }
    }

    /** The subject of the certificate that the handshake verified: CN is the user, O are the groups. */
    static Caller of(SSLEngine engine) {
        Set<String> groups = new LinkedHashSet<>();
        String name = "";
        try {
            X509Certificate certificate = (X509Certificate) engine.getSession().getPeerCertificates()[0];
            for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (rdn.getType().equalsIgnoreCase("CN")) {
                    name = String.valueOf(rdn.getValue());
                } else if (rdn.getType().equalsIgnoreCase("O")) {
                    groups.add(String.valueOf(rdn.getValue()));
                }
            }
        } catch (SSLPeerUnverifiedException | InvalidNameException e) {
            return new Caller("", Set.of());
        }
        return new Caller(name, groups);
    }
}
