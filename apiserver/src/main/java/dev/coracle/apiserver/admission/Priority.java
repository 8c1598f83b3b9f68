package dev.coracle.apiserver.admission;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.Comparator;
import java.util.Optional;

/** Turns a pod's priority class into its number. */
final class Priority implements AdmissionPlugin {
    private final Objects objects;

    Priority(Objects objects) {
        this.objects = objects;
    }

    @Override
    public void admit(AdmissionRequest request) {
        if (!request.creates(Resources.PODS)) {
            return;
        }
        Unstructured pod = request.object();
        String name = pod.string("spec", "priorityClassName");
        long priority = 0;
        String preemption = "PreemptLowerPriority";
        Optional<Unstructured> found = name.isEmpty() ? fallback() : named(name);
        if (found.isPresent()) {
            Unstructured c = found.get();
            pod.set(c.name(), "spec", "priorityClassName");
            priority = c.integer(0, "value");
            preemption = c.stringOr(preemption, "preemptionPolicy");
        } else if (!name.isEmpty()) {
            throw refuse(request, "no PriorityClass with name " + name + " was found");
        }
        if (pod.has("spec", "priority") && pod.integer(0, "spec", "priority") != priority) {
            throw refuse(
                    request,
                    "the integer value of priority (" + pod.integer(0, "spec", "priority")
                            + ") must not be provided in pod spec; priority admission controller computed " + priority
                            + " from the given PriorityClass name");
        }
        if (pod.has("spec", "preemptionPolicy")
                && !pod.string("spec", "preemptionPolicy").equals(preemption)) {
            throw refuse(
                    request,
                    "the string value of PreemptionPolicy (" + pod.string("spec", "preemptionPolicy")
                            + ") must not be provided in pod spec; priority admission controller computed "
                            + preemption + " from the given PriorityClass name");
        }
        pod.set(priority, "spec", "priority").set(preemption, "spec", "preemptionPolicy");
    }

    /** The two system classes hold even where nobody has stored them. */
    private Optional<Unstructured> named(String name) {
        Optional<Unstructured> stored =
                objects.get(Resources.PRIORITY_CLASSES, "", name).map(Revision::object);
        return stored.or(() -> switch (name) {
            case "system-node-critical" -> Optional.of(system(name, 2_000_001_000L));
            case "system-cluster-critical" -> Optional.of(system(name, 2_000_000_000L));
            default -> Optional.empty();
        });
    }

    private static Unstructured system(String name, long value) {
        return Unstructured.of("scheduling.k8s.io/v1", "PriorityClass", "", name)
                .set(value, "value");
    }

    private Optional<Unstructured> fallback() {
        return objects.list(Resources.PRIORITY_CLASSES, "").stream()
                .map(Revision::object)
                .filter(c -> c.bool("globalDefault"))
                .min(Comparator.comparingLong(c -> c.integer(0, "value")));
    }

    private static StatusException refuse(AdmissionRequest request, String why) {
        return StatusException.forbidden(request.resource(), request.name(), why);
    }
}
