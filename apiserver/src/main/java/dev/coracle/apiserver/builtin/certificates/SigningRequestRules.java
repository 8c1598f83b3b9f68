package dev.coracle.apiserver.builtin.certificates;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules of CertificateSigningRequests: who approves does not sign, and who signs does not approve. */
final class SigningRequestRules {
    private static final long SHORTEST = 600;
    private static final int LONGEST_SIGNER = 253 + 1 + 253 + 1 + 63;
    private static final String[] USAGES = {
        "any",
        "cert sign",
        "client auth",
        "code signing",
        "content commitment",
        "crl sign",
        "data encipherment",
        "decipher only",
        "digital signature",
        "email protection",
        "encipher only",
        "ipsec end system",
        "ipsec tunnel",
        "ipsec user",
        "key agreement",
        "key encipherment",
        "microsoft sgc",
        "netscape sgc",
        "ocsp signing",
        "s/mime",
        "server auth",
        "signing",
        "timestamping"
    };

    private final Findings findings;

    SigningRequestRules(Findings findings) {
        this.findings = findings;
    }

    /** The whole, whose spec and status never change that way. */
    void check(Unstructured o, @Nullable Unstructured old) {
        if (old == null) {
            spec(o.object("spec"));
        }
    }

    void approval(Unstructured o, Unstructured old) {
        conditions(o, old);
        removed(o, old);
    }

    void status(Unstructured o, Unstructured old) {
        conditions(o, old);
        String certificate = o.string("status", "certificate");
        boolean same = certificate.equals(old.string("status", "certificate"));
        if (!same && !certificate.isEmpty()) {
            Pem.wrongCertificates(certificate)
                    .ifPresent(why -> findings.invalid("status.certificate", "<certificate data>", why));
        }
        removed(o, old);
        for (String type : List.of("Approved", "Denied")) {
            List<Unstructured> before = of(old, type);
            List<Unstructured> now = of(o, type);
            if (now.size() > before.size()) {
                findings.forbidden("status.conditions", "updates may not add a condition of type \"" + type + "\"");
            } else if (now.size() == before.size() && !now.equals(before)) {
                findings.forbidden("status.conditions", "updates may not modify a condition of type \"" + type + "\"");
            }
        }
        if (!same && !old.string("status", "certificate").isEmpty()) {
            findings.forbidden("status.certificate", "updates may not modify existing certificate content");
        }
    }

    private void removed(Unstructured o, Unstructured old) {
        for (String type : List.of("Approved", "Denied", "Failed")) {
            if (of(o, type).size() < of(old, type).size()) {
                findings.forbidden("status.conditions", "updates may not remove a condition of type \"" + type + "\"");
            }
        }
    }

    private static List<Unstructured> of(Unstructured o, String type) {
        return o.objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals(type))
                .toList();
    }

    private void conditions(Unstructured o, Unstructured old) {
        boolean both = !of(old, "Approved").isEmpty() && !of(old, "Denied").isEmpty();
        List<Unstructured> conditions = o.objects("status", "conditions");
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < conditions.size(); i++) {
            String type = conditions.get(i).string("type");
            String path = "status.conditions[" + i + "]";
            if (type.isEmpty()) {
                findings.required(path + ".type", "");
            }
            conditionStatus(conditions.get(i), type, path + ".status");
            boolean excluded = type.equals("Approved") && seen.contains("Denied")
                    || type.equals("Denied") && seen.contains("Approved");
            if (excluded && !both) {
                findings.invalid(path + ".type", type, "Approved and Denied conditions are mutually exclusive");
            }
            if (seen.contains(type)) {
                findings.duplicate(path + ".type", type);
            }
            seen.add(type);
        }
    }

    private void conditionStatus(Unstructured condition, String type, String path) {
        String status = condition.string("status");
        String[] allowed = List.of("Approved", "Denied", "Failed").contains(type)
                ? new String[] {"True"}
                : new String[] {"False", "True", "Unknown"};
        if (status.isEmpty()) {
            findings.required(path, "");
        } else if (!List.of(allowed).contains(status)) {
            findings.notSupported(path, status, allowed);
        }
    }

    // ---- what is asked for

    private void spec(Unstructured spec) {
        Pem.wrongRequest(spec.string("request"))
                .ifPresent(why -> findings.invalid("spec.request", spec.string("request"), why));
        List<String> usages = spec.stringList("usages");
        if (usages.isEmpty()) {
            findings.required("spec.usages", "");
        }
        for (int i = 0; i < usages.size(); i++) {
            if (!List.of(USAGES).contains(usages.get(i))) {
                findings.notSupported("spec.usages[" + i + "]", usages.get(i), USAGES);
            }
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < usages.size(); i++) {
            if (!seen.add(usages.get(i))) {
                findings.duplicate("spec.usages[" + i + "]", usages.get(i));
            }
        }
        signer(spec.string("signerName"), "spec.signerName");
        if (spec.has("expirationSeconds") && spec.integer(0, "expirationSeconds") < SHORTEST) {
            findings.invalid(
                    "spec.expirationSeconds",
                    spec.integer(0, "expirationSeconds"),
                    "may not specify a duration less than 600 seconds (10 minutes)");
        }
    }

    private void signer(String name, String path) {
        if (name.equals("kubernetes.io/legacy-unknown")) {
            findings.invalid(path, name, "the legacy signerName is not allowed via this API version");
            return;
        }
        if (name.isEmpty()) {
            findings.required(path, "");
            return;
        }
        String[] parts = name.split("/", -1);
        if (parts.length != 2) {
            findings.invalid(
                    path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
            return;
        }
        if (parts[0].length() > 253) {
            findings.tooLong(path, 253);
        }
        String[] domain = parts[0].split("\\.", -1);
        for (String label : domain) {
            if (labelled(path, parts[0], label, Names.label(label))) {
                break;
            }
        }
        if (domain.length < 2) {
            findings.invalid(path, parts[0], "should be a domain with at least two segments separated by dots");
        }
        for (String label : parts[1].split("\\.", -1)) {
            if (labelled(path, parts[1], label, Names.subdomain(label))) {
                break;
            }
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_SIGNER) {
            findings.tooLong(path, LONGEST_SIGNER);
        }
    }

    /** Whether it is wrong: the next would be wrong in the same way. */
    private boolean labelled(String path, String value, String label, List<String> errors) {
        errors.forEach(e -> findings.invalid(path, value, "validating label \"" + label + "\": " + e));
        return !errors.isEmpty();
    }
}
