package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.authorization.Attributes;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.apiserver.builtin.certificates.Pem;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;

/**
 * Of requests for certificates: who asks is written down, not told; who approves, and who signs, must be allowed it for the
 * signer; and nobody becomes an administrator this way. Upstream's {@code CertificateApproval}, {@code CertificateSigning}
 * and {@code CertificateSubjectRestriction}.
 */
final class CertificateRequests implements AdmissionPlugin {
    private static final String CLIENTS = "kubernetes.io/kube-apiserver-client";

    private final Authorizer authorizer;
    private final Clock clock;

    CertificateRequests(Authorizer authorizer, Clock clock) {
        this.authorizer = authorizer;
        this.clock = clock;
    }

    @Override
    public void admit(AdmissionRequest request) {
        if (request.creates(Resources.CERTIFICATE_SIGNING_REQUESTS)) {
            asker(request.object(), request.user());
        } else if (isPart(request, "approval") || isPart(request, "status")) {
            times(request.object(), request.oldObject());
        }
    }

    private static boolean isPart(AdmissionRequest request, String subresource) {
        return request.resource().equals(Resources.CERTIFICATE_SIGNING_REQUESTS)
                && request.operation() == AdmissionRequest.Operation.UPDATE
                && request.subresource().equals(subresource);
    }

    private static void asker(Unstructured o, UserInfo user) {
        o.set(user.name(), "spec", "username");
        o.set(user.uid().isEmpty() ? null : user.uid(), "spec", "uid");
        o.set(user.groups().stream().sorted().toList(), "spec", "groups");
        o.set(user.extra().isEmpty() ? null : new LinkedHashMap<>(user.extra()), "spec", "extra");
    }

    private void times(Unstructured o, Unstructured old) {
        String now = Timestamps.format(clock.now());
        for (Unstructured c : o.objects("status", "conditions")) {
            if (!c.has("lastUpdateTime")) {
                c.set(now, "lastUpdateTime");
            }
            if (!c.has("lastTransitionTime")) {
                c.set(
                        old.objects("status", "conditions").stream()
                                .filter(b -> b.string("type").equals(c.string("type"))
                                        && b.string("status").equals(c.string("status"))
                                        && b.has("lastTransitionTime"))
                                .findFirst()
                                .map(b -> b.string("lastTransitionTime"))
                                .orElse(now),
                        "lastTransitionTime");
            }
        }
    }

    @Override
    public void validate(AdmissionRequest request) {
        // As it was: else who approves would choose what for.
        String signer = request.oldObject().string("spec", "signerName");
        if (isPart(request, "approval")) {
            require(request, "approve", signer);
        } else if (isPart(request, "status") && signs(request)) {
            require(request, "sign", signer);
        } else if (request.creates(Resources.CERTIFICATE_SIGNING_REQUESTS)
                && request.object().string("spec", "signerName").equals(CLIENTS)) {
            noMasters(request);
        }
    }

    private static boolean signs(AdmissionRequest request) {
        return List.of("certificate", "conditions").stream()
                .anyMatch(part -> !Objects.equals(
                        request.object().get("status", part),
                        request.oldObject().get("status", part)));
    }

    private void require(AdmissionRequest request, String verb, String signer) {
        String all = signer.substring(0, Math.max(0, signer.indexOf('/'))) + "/*";
        if (!allows(request.user(), verb, signer) && !allows(request.user(), verb, all)) {
            throw refuse(request, "user not permitted to " + verb + " requests with signerName \"" + signer + "\"");
        }
    }

    private boolean allows(UserInfo user, String verb, String signer) {
        return user.groups().contains(UserInfo.MASTERS)
                || authorizer.allows(user, new Attributes(verb, "certificates.k8s.io", "signers", "", "", signer, ""));
    }

    private static void noMasters(AdmissionRequest request) {
        try {
            if (Pem.organizations(request.object().string("spec", "request")).contains(UserInfo.MASTERS)) {
                throw refuse(
                        request, "use of " + CLIENTS + " signer with " + UserInfo.MASTERS + " group is not allowed");
            }
        } catch (IOException e) {
            throw refuse(request, "failed to parse CSR: " + e.getMessage());
        }
    }

    private static StatusException refuse(AdmissionRequest request, String why) {
        return StatusException.forbidden(request.resource(), request.name(), why);
    }
}
