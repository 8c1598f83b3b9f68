package dev.coracle.apiserver.flowcontrol;

import dev.coracle.apiserver.builtin.flowcontrol.FlowSchemas;
import dev.coracle.apiserver.builtin.flowcontrol.PriorityLevels;
import dev.coracle.apiserver.builtin.flowcontrol.SuggestedFlows;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.WriteContext;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Objects;

/**
 * Brings back the levels and schemas that a cluster begins with where somebody deleted them, and what they say where it was
 * changed. Who wants one of his own making writes {@code apf.kubernetes.io/autoupdate-spec: "false"} on it; of those that
 * are mandatory nobody can.
 */
final class Upkeep {
    private static final System.Logger LOG = System.getLogger("coracle.flowcontrol");

    private final Registry registry;

    Upkeep(Registry registry) {
        this.registry = registry;
    }

    /** What fails is tried again the next time. */
    void run() {
        keep(PriorityLevels.DEFINITION.resource(), SuggestedFlows.levels(), SuggestedFlows.mandatoryLevels());
        keep(FlowSchemas.DEFINITION.resource(), SuggestedFlows.schemas(), SuggestedFlows.mandatorySchemas());
    }

    private void keep(GroupVersionResource resource, List<Unstructured> all, List<Unstructured> mandatory) {
        for (Unstructured wanted : all) {
            try {
                keep(resource, wanted, mandatory.stream().anyMatch(m -> m.name().equals(wanted.name())));
            } catch (RuntimeException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        resource.resource() + " \"" + wanted.name() + "\" is not as it should be: " + e.getMessage());
            }
        }
    }

    private void keep(GroupVersionResource resource, Unstructured wanted, boolean mandatory) {
        Unstructured found =
                registry.find(resource, "", wanted.name()).map(r -> r.object()).orElse(null);
        if (found == null) {
            registry.create(resource, "", wanted, WriteContext.SERVER);
        } else if (!found.isDeleting() && !found.equals(revised(found, wanted, mandatory))) {
            registry.update(resource, "", wanted.name(), WriteContext.SERVER, now -> revised(now, wanted, mandatory));
        }
    }

    private static Unstructured revised(Unstructured now, Unstructured wanted, boolean mandatory) {
        boolean ours = mandatory || isOurs(now);
        Unstructured revised =
                now.copy().set(String.valueOf(ours), "metadata", "annotations", SuggestedFlows.AUTO_UPDATE);
        // What a mandatory one says cannot be changed, but for how much a level lends, which may be.
        return ours && !mandatory && !Objects.equals(now.get("spec"), wanted.get("spec"))
                ? revised.set(wanted.copy().get("spec"), "spec")
                : revised;
    }

    /** Where nothing is written, whether nobody has changed it yet. */
    private static boolean isOurs(Unstructured now) {
        return switch (now.annotations().getOrDefault(SuggestedFlows.AUTO_UPDATE, "")) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> now.integer(0, "metadata", "generation") == 1;
        };
    }
}
