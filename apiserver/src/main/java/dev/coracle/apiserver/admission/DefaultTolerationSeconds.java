package dev.coracle.apiserver.admission;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;

/** A pod stays five minutes on a node that is not ready or not to be reached, unless it says how long. */
final class DefaultTolerationSeconds implements AdmissionPlugin {
    private static final long SECONDS = 300;

    @Override
    public void admit(AdmissionRequest request) {
        if (!request.creates(Resources.PODS)) {
            return;
        }
        for (String key : List.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")) {
            if (request.object().objects("spec", "tolerations").stream().noneMatch(t -> tolerates(t, key))) {
                Unstructured t = new Unstructured(new LinkedHashMap<>());
                t.set(key, "key").set("Exists", "operator").set("NoExecute", "effect");
                request.object().add(t.set(SECONDS, "tolerationSeconds"), "spec", "tolerations");
            }
        }
    }

    private static boolean tolerates(Unstructured t, String key) {
        String effect = t.string("effect");
        return (t.string("key").isEmpty() || t.string("key").equals(key))
                && (effect.isEmpty() || effect.equals("NoExecute"));
    }
}
