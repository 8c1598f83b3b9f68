package dev.coracle.apiserver.registry;

import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Optional;

/** What can be done to pods that is no plain write: {@code binding} and {@code eviction}. */
public final class PodActions {
    private final Registry registry;
    private final Clock clock;
    private final DisruptionBudgets budgets;

    PodActions(Registry registry, Clock clock) {
        this.registry = registry;
        this.clock = clock;
        this.budgets = new DisruptionBudgets(registry, clock);
    }

    /**
     * Puts a pod on a node, in one write.
     *
     * @param binding names the node as its target; annotations and labels it has go to the pod
     * @throws StatusException 409 when the pod is on a node already, is being deleted or must not be scheduled yet
     */
    public void bind(String namespace, String name, Unstructured binding) {
        String node = binding.string("target", "name");
        if (node.isEmpty()) {
            throw StatusException.invalid(
                    new GroupVersionKind("", "v1", "Binding"),
                    name,
                    List.of(new Cause("FieldValueRequired", "Required value", "target.name")));
        }
        while (true) {
            Revision current = registry.get(Resources.PODS, namespace, name);
            check(current.object(), binding);
            Unstructured next = current.object().copy().set(node, "spec", "nodeName");
            for (String carried : new String[] {"annotations", "labels"}) {
                binding.strings("metadata", carried).forEach((k, v) -> next.set(v, "metadata", carried, k));
            }
            List<Unstructured> conditions = next.objects("status", "conditions");
            conditions.removeIf(c -> c.string("type").equals("PodScheduled"));
            conditions.add(Unstructured.parse("{\"type\":\"PodScheduled\",\"status\":\"True\"}")
                    .set(next.generation() == 0 ? null : next.generation(), "observedGeneration")
                    .set(clock.now(), "lastTransitionTime"));
            next.set(conditions, "status", "conditions");
            if (registry.write(Resources.PODS, current, next).isPresent()) {
                return;
            }
        }
    }

    private static void check(Unstructured pod, Unstructured binding) {
        String name = pod.name();
        String why = "";
        if (!binding.uid().isEmpty() && !binding.uid().equals(pod.uid())) {
            why = "Precondition failed: UID in precondition: " + binding.uid() + ", UID in object meta: " + pod.uid();
        } else if (pod.isDeleting()) {
            why = "pod " + name + " is being deleted, cannot be assigned to a host";
        } else if (!pod.string("spec", "nodeName").isEmpty()) {
            why = "pod " + name + " is already assigned to node \"" + pod.string("spec", "nodeName") + "\"";
        } else if (!pod.objects("spec", "schedulingGates").isEmpty()) {
            why = "pod " + name + " has non-empty .spec.schedulingGates";
        }
        if (!why.isEmpty()) {
            throw StatusException.conflict(new GroupVersionResource("", "v1", "pods/binding"), name, why);
        }
    }

    /**
     * Deletes a pod unless a PodDisruptionBudget forbids it, after noting in its status why it goes.
     *
     * @throws StatusException 429 when fewer pods than the budget wants would be left
     */
    public void evict(String namespace, String name, DeleteOptions options, WriteContext context) {
        Revision pod = registry.get(Resources.PODS, namespace, name);
        DisruptionBudgets.Verdict verdict = budgets.take(pod.object(), options.dryRun());
        String wanted = options.resourceVersion();
        boolean exact = verdict == DisruptionBudgets.Verdict.UNCHANGED || !wanted.isEmpty();
        boolean another = !wanted.isEmpty() && !wanted.equals(pod.object().resourceVersion());
        Revision marked = options.dryRun() || pod.isDeleting() || another ? pod : marked(pod, exact);
        DeleteOptions exactly = new DeleteOptions(
                options.gracePeriodSeconds(),
                options.propagation(),
                options.uid().isEmpty() ? pod.uid() : options.uid(),
                exact && !another ? marked.object().resourceVersion() : wanted,
                options.dryRun());
        registry.deleteAdmitted(Resources.PODS, namespace, name, exactly, context);
    }

    /** @param exact whether the pod must be the one that was judged */
    private Revision marked(Revision judged, boolean exact) {
        Revision pod = judged;
        while (true) {
            Unstructured next = pod.object().copy();
            List<Unstructured> conditions = next.objects("status", "conditions");
            conditions.removeIf(c -> c.string("type").equals("DisruptionTarget"));
            conditions.add(Unstructured.parse("{\"type\":\"DisruptionTarget\",\"status\":\"True\"}")
                    .set(next.generation() == 0 ? null : next.generation(), "observedGeneration")
                    .set(clock.now(), "lastTransitionTime")
                    .set("EvictionByEvictionAPI", "reason")
                    .set("Eviction API: evicting", "message"));
            next.set(conditions, "status", "conditions");
            Optional<Revision> written = registry.write(Resources.PODS, pod, next);
            if (written.isPresent()) {
                return written.get();
            }
            if (exact) {
                throw StatusException.conflict(
                        Resources.PODS,
                        pod.name(),
                        "the object has been modified; please apply your changes to the latest version and try again");
            }
            pod = registry.get(Resources.PODS, judged.namespace(), judged.name());
        }
    }
}
