package dev.coracle.apiserver.builtin.storage;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules of CSIDrivers. */
final class CsiDriverRules {
    private static final long SHORTEST_TOKEN = 600;
    private static final long LONGEST_TOKEN = 1L << 32;

    private final Findings findings;

    CsiDriverRules(Findings findings) {
        this.findings = findings;
    }

    void check(Unstructured o, @Nullable Unstructured old) {
        Unstructured spec = o.object("spec");
        findings.oneOf(spec, "spec", "fsGroupPolicy", "File", "None", "ReadWriteOnceWithFSType");
        tokens(spec.objects("tokenRequests"));
        for (String mode : spec.stringList("volumeLifecycleModes")) {
            if (!List.of("Persistent", "Ephemeral").contains(mode)) {
                findings.notSupported("spec.volumeLifecycleModes", mode, "Persistent", "Ephemeral");
            }
        }
        if (spec.has("nodeAllocatableUpdatePeriodSeconds")
                && spec.integer(0, "nodeAllocatableUpdatePeriodSeconds") < 10) {
            findings.invalid(
                    "spec.nodeAllocatableUpdatePeriodSeconds",
                    spec.integer(0, "nodeAllocatableUpdatePeriodSeconds"),
                    "must be greater than or equal to 10 seconds");
        }
        if (old != null) {
            // Upstream calls the first one so.
            fixed(spec, old, "attachRequired", "spec.attachedRequired");
            fixed(spec, old, "volumeLifecycleModes", "spec.volumeLifecycleModes");
        }
    }

    private void fixed(Unstructured spec, Unstructured old, String field, String path) {
        if (!Objects.equals(spec.get(field), old.get("spec", field))) {
            findings.invalid(path, spec.get(field), Findings.IMMUTABLE);
        }
    }

    private void tokens(List<Unstructured> requests) {
        Set<String> audiences = new HashSet<>();
        for (int i = 0; i < requests.size(); i++) {
            Unstructured r = requests.get(i);
            String path = "spec.tokenRequests[" + i + "]";
            if (!audiences.add(r.string("audience"))) {
                findings.duplicate(path + ".audience", r.string("audience"));
                continue;
            }
            long seconds = r.integer(SHORTEST_TOKEN, "expirationSeconds");
            if (seconds < SHORTEST_TOKEN) {
                findings.invalid(
                        path + ".expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
            }
            if (seconds > LONGEST_TOKEN) {
                findings.invalid(
                        path + ".expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds");
            }
        }
    }
}
