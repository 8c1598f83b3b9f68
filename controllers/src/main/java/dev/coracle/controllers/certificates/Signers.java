package dev.coracle.controllers.certificates;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.x509.GeneralName;

/** What each of the cluster's own signers signs ({@code pkg/apis/certificates/helpers.go} and {@code signer.go}). */
final class Signers {
    static final String KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet";

    /** Says why a request is none for the signer. */
    private interface Rule {
        Optional<String> wrong(SigningRequest request);
    }

    private static final Map<String, Rule> KNOWN = Map.of(
            "kubernetes.io/kube-apiserver-client",
            Signers::client,
            KUBELET_CLIENT,
            Signers::kubeletClient,
            "kubernetes.io/kubelet-serving",
            Signers::kubeletServing,
            "kubernetes.io/legacy-unknown",
            request -> Optional.empty());

    private Signers() {}

    static boolean isOurs(String signer) {
        return KNOWN.containsKey(signer);
    }

    /** Why the signer of the request will not sign it. */
    static Optional<String> wrong(SigningRequest request) {
        return KNOWN.get(request.signer()) instanceof Rule rule ? rule.wrong(request) : Optional.of("unknown signer");
    }

    private static Optional<String> client(SigningRequest request) {
        for (String usage : request.usages()) {
            if (!List.of("digital signature", "key encipherment", "client auth").contains(usage)) {
                return Optional.of("invalid usage for client certificate: " + usage);
            }
        }
        return request.usages().contains("client auth")
                ? Optional.empty()
                : Optional.of("missing required usage for client certificate: client auth");
    }

    private static Optional<String> kubeletClient(SigningRequest request) {
        if (!request.organizations().equals(List.of("system:nodes"))) {
            return Optional.of("subject organization is not system:nodes");
        }
        Optional<String> names = unwanted(
                request,
                GeneralName.dNSName,
                GeneralName.rfc822Name,
                GeneralName.iPAddress,
                GeneralName.uniformResourceIdentifier);
        if (names.isPresent()) {
            return names;
        }
        if (!request.commonName().startsWith("system:node:")) {
            return Optional.of("subject common name does not begin with system:node:");
        }
        return exactly(request, "client auth");
    }

    private static Optional<String> kubeletServing(SigningRequest request) {
        if (!request.organizations().equals(List.of("system:nodes"))) {
            return Optional.of("subject organization is not system:nodes");
        }
        if (!request.names(GeneralName.dNSName) && !request.names(GeneralName.iPAddress)) {
            return Optional.of("DNS or IP subjectAltName is required");
        }
        Optional<String> names = unwanted(request, GeneralName.rfc822Name, GeneralName.uniformResourceIdentifier);
        if (names.isPresent()) {
            return names;
        }
        if (!request.commonName().startsWith("system:node:")) {
            return Optional.of("subject common name does not begin with system:node:");
        }
        return exactly(request, "server auth");
    }

    private static Optional<String> unwanted(SigningRequest request, int... tags) {
        for (int tag : tags) {
            if (request.names(tag)) {
                String kind = switch (tag) {
                    case GeneralName.dNSName -> "DNS";
                    case GeneralName.rfc822Name -> "Email";
                    case GeneralName.iPAddress -> "IP";
                    default -> "URI";
                };
                return Optional.of(kind + " subjectAltNames are not allowed");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> exactly(SigningRequest request, String auth) {
        Set<String> usages = Set.copyOf(request.usages());
        boolean right = usages.equals(Set.of("digital signature", auth))
                || usages.equals(Set.of("digital signature", "key encipherment", auth));
        return right
                ? Optional.empty()
                : Optional.of("usages did not match [key encipherment digital signature " + auth + "]");
    }
}
