package dev.coracle.scheduler.framework;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What plugins look at in a pod's spec, without what tells it from others of its set: its name, what its containers run, the
 * volumes that every node can give it. Pods that are equal in this fare alike with every plugin that looks at one node alone
 * ({@link Plugin#isLocal}), so that what was found out for one is known for all. Labels are none of it: those of a
 * StatefulSet's or an Indexed Job's pods all differ, and matter to pods elsewhere only.
 */
public final class Alike {
    private static final Set<String> PASSED_OVER =
            Set.of("nodeName", "hostname", "subdomain", "volumes", "serviceAccount", "serviceAccountName");
    private static final List<String> OF_CONTAINERS = List.of("image", "ports", "resources", "restartPolicy");
    private static final Set<String> ANYWHERE =
            Set.of("name", "projected", "configMap", "secret", "downwardAPI", "emptyDir", "hostPath");

    private final Map<String, Object> looks;
    private final int hash;

    private Alike(Map<String, Object> looks) {
        this.looks = looks;
        this.hash = looks.hashCode();
    }

    /** Null for a pod that is like no other: its volumes or devices are somewhere, and that may change beside the nodes. */
    static @Nullable Alike of(Unstructured pod) {
        Unstructured spec = pod.object("spec");
        if (spec.has("resourceClaims")) {
            return null;
        }
        for (Unstructured volume : spec.objects("volumes")) {
            if (!ANYWHERE.containsAll(volume.map().keySet())) {
                return null;
            }
        }
        Map<String, Object> seen = new HashMap<>(spec.map());
        seen.keySet().removeAll(PASSED_OVER);
        for (String kind : List.of("containers", "initContainers")) {
            seen.computeIfPresent(kind, (k, all) -> containers(spec.objects(kind)));
        }
        return new Alike(seen);
    }

    private static List<Object> containers(List<Unstructured> all) {
        List<Object> seen = new ArrayList<>();
        for (Unstructured c : all) {
            Map<String, Object> of = new HashMap<>(c.map());
            of.keySet().retainAll(OF_CONTAINERS);
            seen.add(of);
        }
        return seen;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other == this || other instanceof Alike a && a.hash == hash && a.looks.equals(looks);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
