package dev.coracle.apiserver.builtin.resource;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Devices that somebody asks for, and which of them he got. */
public final class ResourceClaims {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "resource.k8s.io", "v1", "ResourceClaim", "resourceclaims")
            .subresources("status")
            .amounts(ResourceClaims::amounts)
            .defaults(ResourceClaims::complete)
            .statusDefaults(ClaimDefaults::allocation)
            .rules(ResourceClaims::check)
            .statusRules((findings, o, old) -> new AllocationRules(findings).check(o, old))
            .statusUpdated(ResourceClaims::dropDeallocated)
            .columns(NAME, text("State", ResourceClaims::state), AGE)
            .build();

    private ResourceClaims() {}

    private static void amounts(Unstructured o) {
        ClaimDefaults.amounts(o.object("spec", "devices"));
        ClaimDefaults.allocated(o);
    }

    private static void complete(Unstructured o) {
        ClaimDefaults.complete(o.object("spec", "devices"));
        ClaimDefaults.allocation(o);
    }

    private static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        if (old == null) {
            new ClaimRules(findings).check(o.object("spec", "devices"), "spec.devices");
        } else if (!Objects.equals(o.get("spec"), old.get("spec"))) {
            findings.invalid("spec", o.get("spec"), Findings.IMMUTABLE);
        }
    }

    /** What a driver told of a device goes when the device does. */
    private static void dropDeallocated(Unstructured next, Unstructured old) {
        Set<String> gone = new HashSet<>(devices(old));
        gone.removeAll(devices(next));
        List<Unstructured> told = next.objects("status", "devices");
        List<Object> left = new ArrayList<>();
        told.stream().filter(d -> !gone.contains(device(d))).forEach(d -> left.add(d.map()));
        if (left.isEmpty() && !told.isEmpty()) {
            next.remove("status", "devices");
        } else if (left.size() < told.size()) {
            next.set(left, "status", "devices");
        }
    }

    private static List<String> devices(Unstructured claim) {
        return claim.objects("status", "allocation", "devices", "results").stream()
                .map(ResourceClaims::device)
                .toList();
    }

    /** Whatever share of it. */
    private static String device(Unstructured of) {
        return of.string("driver") + "/" + of.string("pool") + "/" + of.string("device");
    }

    private static String state(Unstructured o) {
        List<String> states = new ArrayList<>();
        if (o.isDeleting()) {
            states.add("deleted");
        }
        if (o.has("status", "allocation")) {
            states.add("allocated");
            if (!o.objects("status", "reservedFor").isEmpty()) {
                states.add("reserved");
            }
        } else if (!o.isDeleting()) {
            states.add("pending");
        }
        return String.join(",", states);
    }
}
