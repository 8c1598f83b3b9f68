package dev.coracle.scheduler.framework;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** What a node wards pods off with. */
public record Taint(String key, String value, String effect) {
    public static List<Taint> of(Unstructured node) {
        return node.objects("spec", "taints").stream()
                .map(t -> new Taint(t.string("key"), t.string("value"), t.string("effect")))
                .toList();
    }

    /** Whether it keeps pods out, and does not only ask them to stay away. */
    public boolean repels() {
        return effect.equals("NoSchedule") || effect.equals("NoExecute");
    }

    public boolean isToleratedBy(List<Toleration> tolerations) {
        for (Toleration t : tolerations) {
            if (t.tolerates(this)) {
                return true;
            }
        }
        return false;
    }

    /** What a pod bears. An empty key or effect stands for every one. */
    public record Toleration(String key, boolean anyValue, String value, String effect) {
        static List<Toleration> of(Unstructured pod) {
            return pod.objects("spec", "tolerations").stream()
                    .map(t -> new Toleration(
                            t.string("key"),
                            t.string("operator").equals("Exists"),
                            t.string("value"),
                            t.string("effect")))
                    .toList();
        }

        boolean tolerates(Taint taint) {
            return (key.isEmpty() || key.equals(taint.key))
                    && (effect.isEmpty() || effect.equals(taint.effect))
                    && (anyValue || value.equals(taint.value));
        }
    }
}
