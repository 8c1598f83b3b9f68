package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.PluginFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the devices of a claim must have in common, or must not. What does not hold for some devices holds for no more of them,
 * so that a search may turn back at once.
 *
 * @param requests whose devices it is about; empty for all
 * @param attribute which each of them must have
 * @param same whether all must have it alike, or no two
 */
record Constraint(List<String> requests, String attribute, boolean same, List<Unstructured> values) {
    static List<Constraint> of(Ask.Claim claim) {
        List<Constraint> constraints = new ArrayList<>();
        for (Unstructured c : claim.claim().objects("spec", "devices", "constraints")) {
            boolean same = c.has("matchAttribute");
            if (!same && !c.has("distinctAttribute")) {
                throw new PluginFailure("claim " + claim.name() + ", constraint #" + constraints.size()
                        + ": empty constraint (unsupported constraint type?)");
            }
            constraints.add(new Constraint(
                    c.stringList("requests"),
                    c.string(same ? "matchAttribute" : "distinctAttribute"),
                    same,
                    new ArrayList<>()));
        }
        return constraints;
    }

    /** Whether the device may be one more; it is then one of them until it is removed again, the last first. */
    boolean add(Ask ask, Device device) {
        if (!concerns(ask)) {
            return true;
        }
        Optional<Unstructured> value = device.attribute(attribute);
        if (value.isEmpty()) {
            return false;
        }
        boolean holds =
                same ? values.isEmpty() || values.getFirst().equals(value.get()) : !values.contains(value.get());
        if (holds) {
            values.add(value.get());
        }
        return holds;
    }

    void remove(Ask ask) {
        if (concerns(ask)) {
            values.removeLast();
        }
    }

    private boolean concerns(Ask ask) {
        return requests.isEmpty() || ask.isAmong(requests);
    }
}
