package dev.coracle.apiserver.builtin.resource;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Rules for what a claim got: which devices, for whom, and what their drivers tell of them. */
record AllocationRules(Findings findings, ResourceNames names, Several several, ClaimRules claims) {
    private static final int MOST_CONSUMERS = 256;
    private static final int MOST_RESULTS = 32;
    private static final String AT = "status.allocation";

    AllocationRules(Findings findings) {
        this(findings, new ResourceNames(findings), new Several(findings), new ClaimRules(findings));
    }

    void check(Unstructured claim, Unstructured old) {
        Unstructured status = claim.object("status");
        several.set(
                status.objects("reservedFor"),
                MOST_CONSUMERS,
                "status.reservedFor",
                this::consumer,
                c -> c.string("uid"));
        Set<String> allocated = devices(claim);
        var driven = new DriverReports(findings);
        several.set(
                status.objects("devices"),
                Several.ANY,
                "status.devices",
                (device, at) -> driven.check(device, at, allocated),
                AllocationRules::device);
        reservations(claim, old);
        if (!status.has("allocation")) {
            return;
        }
        if (!old.has("status", "allocation")) {
            allocation(status.object("allocation"), RequestNames.of(claim.object("spec", "devices")));
        } else if (!Objects.equals(status.get("allocation"), old.get("status", "allocation"))) {
            findings.invalid(AT, status.get("allocation"), Findings.IMMUTABLE);
        }
    }

    /** {@code driver/pool/device} of each that the claim has, with the share of it that it has. */
    static Set<String> devices(Unstructured claim) {
        return claim.objects("status", "allocation", "devices", "results").stream()
                .map(AllocationRules::device)
                .collect(Collectors.toSet());
    }

    static String device(Unstructured of) {
        String device = of.string("driver") + "/" + of.string("pool") + "/" + of.string("device");
        return of.has("shareID") ? device + "/" + of.string("shareID") : device;
    }

    private void consumer(Unstructured consumer, String path) {
        for (String field : List.of("resource", "name", "uid")) {
            findings.needed(consumer, path, field);
        }
    }

    private void reservations(Unstructured claim, Unstructured old) {
        List<Unstructured> consumers = claim.objects("status", "reservedFor");
        if (consumers.isEmpty()) {
            return;
        }
        if (!claim.has("status", "allocation")) {
            findings.forbidden("status.reservedFor", "may not be specified when `allocated` is not set");
        } else if (claim.isDeleting() && !new HashSet<>(old.objects("status", "reservedFor")).containsAll(consumers)) {
            findings.forbidden(
                    "status.reservedFor",
                    "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set");
        }
    }

    private void allocation(Unstructured allocation, RequestNames requests) {
        several.list(
                allocation.objects("devices", "results"),
                MOST_RESULTS,
                AT + ".devices.results",
                (result, at) -> result(result, at, requests));
        several.list(
                allocation.objects("devices", "config"), 2 * ClaimRules.MOST, AT + ".devices.config", (config, at) -> {
                    if (config.string("source").isEmpty()) {
                        findings.required(at + ".source", "");
                    } else {
                        findings.oneOf(config, at, "source", "FromClaim", "FromClass");
                    }
                    claims.references(config.stringList("requests"), at + ".requests", requests);
                    claims.configuration(config, at, false);
                });
        if (allocation.has("nodeSelector")) {
            new NodeSelectorRules(findings).check(allocation.object("nodeSelector"), AT + ".nodeSelector");
        }
    }

    private void result(Unstructured result, String path, RequestNames requests) {
        claims.reference(result.string("request"), path + ".request", requests);
        names.driver(result.string("driver"), path + ".driver");
        names.pool(result.string("pool"), path + ".pool");
        names.label(result.string("device"), path + ".device");
        claims.taints().binding(result, path);
        claims.taints().tolerations(result.objects("tolerations"), path + ".tolerations");
        if (result.has("shareID")) {
            names.uid(result.string("shareID"), path + ".shareID");
        }
    }
}
