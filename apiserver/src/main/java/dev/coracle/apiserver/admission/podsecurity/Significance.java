package dev.coracle.apiserver.admission.podsecurity;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether a change of a pod is one that matters. Other changes pass in a namespace that became stricter meanwhile: else
 * its pods could not even lose a finalizer.
 */
final class Significance {
    private Significance() {}

    static boolean isSignificant(Unstructured now, Unstructured old) {
        if (differs(now, old, Profiles.SECCOMP_OF_POD)) {
            return true;
        }
        for (String list : List.of("containers", "initContainers", "ephemeralContainers")) {
            List<Unstructured> after = now.objects("spec", list);
            List<Unstructured> before = old.objects("spec", list);
            if (!list.startsWith("ephemeral") && after.size() != before.size()) {
                return true;
            }
            for (Unstructured c : after) {
                Optional<Unstructured> was = before.stream()
                        .filter(b -> b.string("name").equals(c.string("name")))
                        .findFirst();
                if (was.isEmpty()
                        || !was.get().string("image").equals(c.string("image"))
                        || differs(now, old, Profiles.SECCOMP_OF_CONTAINER + c.string("name"))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean differs(Unstructured now, Unstructured old, String annotation) {
        Map<String, String> before = old.annotations();
        return !Objects.equals(now.annotations().get(annotation), before.get(annotation));
    }
}
