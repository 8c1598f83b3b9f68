package dev.coracle.apiserver.admission.podsecurity;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.StatusException.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a namespace's labels ask for. An {@code audit} label is read for its form alone: there is no audit log to note in.
 *
 * @param enforce what a pod must keep to
 * @param warn what a writer is warned of; as strict as {@code enforce} where no label says otherwise
 * @param errors labels that mean nothing. What they should have said is then strict where pods are refused, and lax
 *     where they are only warned of.
 */
record Policy(Standard enforce, Standard warn, List<Cause> errors) {
    private static final String PREFIX = "pod-security.kubernetes.io/";

    static Policy of(Map<String, String> labels) {
        List<Cause> errors = new ArrayList<>();
        Standard enforce = standard(labels, "enforce", Level.RESTRICTED, errors);
        standard(labels, "audit", Level.PRIVILEGED, errors);
        Standard warn = standard(labels, "warn", Level.PRIVILEGED, errors);
        if (!labels.containsKey(PREFIX + "warn") && enforce.level().compareTo(warn.level()) > 0) {
            long minor = labels.containsKey(PREFIX + "warn-version") ? warn.minor() : enforce.minor();
            warn = new Standard(enforce.level(), minor);
        }
        return new Policy(enforce, warn, errors);
    }

    private static Standard standard(Map<String, String> labels, String mode, Level unknown, List<Cause> errors) {
        Level level = Level.PRIVILEGED;
        long minor = Standard.LATEST;
        String named = labels.get(PREFIX + mode);
        if (named != null) {
            Optional<Level> known = Level.parse(named);
            level = known.orElse(unknown);
            if (known.isEmpty()) {
                errors.add(error(mode, named, "must be one of privileged, baseline, restricted"));
            }
        }
        String version = labels.get(PREFIX + mode + "-version");
        if (version != null) {
            Optional<Long> known = Standard.version(version);
            minor = known.orElse(Standard.LATEST);
            if (known.isEmpty()) {
                errors.add(error(mode + "-version", version, "must be \"latest\" or \"v1.x\""));
            }
        }
        return new Standard(level, minor);
    }

    private static Cause error(String label, String value, String why) {
        return new Cause(
                "FieldValueInvalid",
                "Invalid value: " + Json.string(value) + ": " + why,
                "metadata.labels[" + PREFIX + label + "]");
    }
}
