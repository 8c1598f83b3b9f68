package dev.coracle.apiserver.builtin.resource;

import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;

/** What is meant by a claim that says less. */
final class ClaimDefaults {
    private ClaimDefaults() {}

    /** @param devices {@code spec.devices} of a claim */
    static void complete(Unstructured devices) {
        for (Unstructured request : asked(devices)) {
            absent(request, "ExactCount", "allocationMode");
            if (request.string("allocationMode").equals("ExactCount") && request.integer(0, "count") == 0) {
                request.set(1L, "count");
            }
            request.objects("tolerations").forEach(t -> absent(t, "Equal", "operator"));
        }
    }

    static void amounts(Unstructured devices) {
        asked(devices).forEach(r -> Amounts.map(r, "capacity", "requests"));
    }

    static void allocation(Unstructured claim) {
        for (Unstructured result : claim.objects("status", "allocation", "devices", "results")) {
            result.objects("tolerations").forEach(t -> absent(t, "Equal", "operator"));
        }
    }

    static void allocated(Unstructured claim) {
        claim.objects("status", "allocation", "devices", "results").forEach(r -> Amounts.map(r, "consumedCapacity"));
    }

    private static List<Unstructured> asked(Unstructured devices) {
        List<Unstructured> all = new ArrayList<>();
        for (Unstructured request : devices.objects("requests")) {
            if (request.has("exactly")) {
                all.add(request.object("exactly"));
            }
            all.addAll(request.objects("firstAvailable"));
        }
        return all;
    }
}
