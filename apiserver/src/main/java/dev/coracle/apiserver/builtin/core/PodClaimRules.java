package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Rules for the claims to devices that a pod names, and for which of them its containers get. */
final class PodClaimRules {
    private final Findings findings;

    PodClaimRules(Findings findings) {
        this.findings = findings;
    }

    /** @param claims {@code resourceClaims} of a pod's spec */
    void claims(List<Unstructured> claims, String path) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < claims.size(); i++) {
            String at = path + "[" + i + "]";
            String name = claims.get(i).string("name");
            if (name.isEmpty()) {
                findings.required(at + ".name", "");
            } else if (!names.add(name)) {
                findings.duplicate(at + ".name", name);
            } else {
                findings.invalid(at + ".name", name, Names.label(name));
            }
            source(claims.get(i), at);
        }
    }

    private void source(Unstructured claim, String path) {
        boolean direct = claim.has("resourceClaimName");
        boolean template = claim.has("resourceClaimTemplateName");
        if (direct && template) {
            findings.invalid(
                    path, claim, "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
        } else if (!direct && !template) {
            findings.invalid(path, claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
        }
        for (String field : List.of("resourceClaimName", "resourceClaimTemplateName")) {
            if (claim.has(field)) {
                findings.invalid(path + "." + field, claim.string(field), Names.subdomain(claim.string(field)));
            }
        }
    }

    /** A claim that is made for a pod is called after both. */
    void generated(Unstructured pod) {
        List<Unstructured> claims = pod.objects("spec", "resourceClaims");
        for (int i = 0; i < claims.size(); i++) {
            String own = claims.get(i).string("name");
            if (claims.get(i).has("resourceClaimTemplateName")
                    && Names.label(own).isEmpty()) {
                String name = pod.name() + "-" + own;
                String path = "spec.resourceClaims[" + i + "].name";
                Names.subdomain(name).forEach(e -> findings.invalid(path, name, "final ResourceClaim name: " + e));
            }
        }
    }

    /** @param all {@code resourceClaims} of the pod's spec */
    void container(Unstructured container, List<Unstructured> all, String path) {
        Set<String> known = new TreeSet<>();
        all.forEach(c -> known.add(c.string("name")));
        known.remove("");
        List<Unstructured> claims = container.objects("resources", "claims");
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < claims.size(); i++) {
            String at = path + ".resources.claims[" + i + "]";
            String name = claims.get(i).string("name");
            String request = claims.get(i).string("request");
            if (!request.isEmpty()) {
                findings.invalid(at + ".request", request, Names.label(request));
            }
            if (name.isEmpty()) {
                findings.required(at, "");
                continue;
            }
            String key = request.isEmpty() ? name : name + "/" + request;
            if (!seen.add(key)) {
                findings.duplicate(at, key);
            }
            if (!known.contains(name)) {
                findings.notFound(
                        at,
                        name,
                        "must be one of the names in pod.spec.resourceClaims"
                                + (known.isEmpty() ? " which is empty" : ": " + String.join(", ", known)));
            }
        }
    }

    /** Which claims were made for a pod. */
    void statuses(Unstructured pod) {
        List<Unstructured> statuses = pod.objects("status", "resourceClaimStatuses");
        List<String> known = pod.objects("spec", "resourceClaims").stream()
                .map(c -> c.string("name"))
                .toList();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < statuses.size(); i++) {
            String at = "status.resourceClaimStatuses[" + i + "].name";
            String name = statuses.get(i).string("name");
            if (!known.contains(name)) {
                findings.invalid(at, name, "must match the name of an entry in `spec.resourceClaims`");
            }
            if (!seen.add(name)) {
                findings.duplicate(at, name);
            }
            if (statuses.get(i).has("resourceClaimName")) {
                String claim = statuses.get(i).string("resourceClaimName");
                findings.invalid(at, claim, Names.subdomain(claim));
            }
        }
    }
}
