package dev.coracle.apiserver.builtin.certificates;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.HumanDuration;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.List;

/** Somebody asks for a certificate; somebody else approves that, and the signer it names signs. */
public final class SigningRequests {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests")
            .shortNames("csr")
            .subresources("status", "approval")
            .names(Names::pathSegment)
            .rules((findings, o, old) -> new SigningRequestRules(findings).check(o, old))
            .rulesOf("approval", (findings, o, old) -> new SigningRequestRules(findings).approval(o, old))
            .statusRules((findings, o, old) -> new SigningRequestRules(findings).status(o, old))
            // What is asked for is not changed; who wants something else asks anew.
            .updated((next, old) -> next.set(Json.copyOrNull(old.get("spec")), "spec"))
            .selectable("spec.signerName")
            .columns(
                    NAME,
                    AGE,
                    text("SignerName", o -> o.stringOr("<none>", "spec", "signerName")),
                    text("Requestor", "spec", "username"),
                    text("RequestedDuration", SigningRequests::duration),
                    text("Condition", SigningRequests::condition))
            .build();

    private SigningRequests() {}

    private static String duration(Unstructured o) {
        return o.has("spec", "expirationSeconds")
                ? HumanDuration.of(Duration.ofSeconds(o.integer(0, "spec", "expirationSeconds")))
                : "<none>";
    }

    private static String condition(Unstructured o) {
        List<String> types = o.objects("status", "conditions").stream()
                .map(c -> c.string("type"))
                .toList();
        String shown = types.contains("Denied") ? "Denied" : types.contains("Approved") ? "Approved" : "Pending";
        if (types.contains("Failed")) {
            shown += ",Failed";
        }
        return o.string("status", "certificate").isEmpty() ? shown : shown + ",Issued";
    }
}
