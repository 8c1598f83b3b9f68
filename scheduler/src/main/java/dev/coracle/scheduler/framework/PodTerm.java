package dev.coracle.scheduler.framework;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One term of a pod's affinity or anti-affinity to other pods.
 *
 * @param selector null selects nothing
 * @param namespaceSelector null selects no namespace beyond the named ones
 * @param weight of a preferred term; 0 for a required one
 */
public record PodTerm(
        Set<String> namespaces,
        @Nullable LabelSelector namespaceSelector,
        @Nullable LabelSelector selector,
        String topologyKey,
        long weight) {

    static List<PodTerm> required(Unstructured pod, String kind) {
        List<PodTerm> terms = new ArrayList<>();
        for (Unstructured t : pod.objects("spec", "affinity", kind, "requiredDuringSchedulingIgnoredDuringExecution")) {
            terms.add(of(pod, t, 0));
        }
        return List.copyOf(terms);
    }

    static List<PodTerm> preferred(Unstructured pod, String kind) {
        List<PodTerm> terms = new ArrayList<>();
        for (Unstructured t :
                pod.objects("spec", "affinity", kind, "preferredDuringSchedulingIgnoredDuringExecution")) {
            terms.add(of(pod, t.object("podAffinityTerm"), t.integer(1, "weight")));
        }
        return List.copyOf(terms);
    }

    private static PodTerm of(Unstructured pod, Unstructured term, long weight) {
        List<String> named = term.stringList("namespaces");
        LabelSelector namespaceSelector =
                term.has("namespaceSelector") ? LabelSelector.of(term.object("namespaceSelector")) : null;
        Set<String> namespaces =
                named.isEmpty() && namespaceSelector == null ? Set.of(pod.namespace()) : Set.copyOf(named);
        LabelSelector selector = null;
        if (term.has("labelSelector")) {
            Unstructured s = withKeys(term.object("labelSelector"), term.stringList("matchLabelKeys"), "In", pod);
            selector = LabelSelector.of(withKeys(s, term.stringList("mismatchLabelKeys"), "NotIn", pod));
        }
        return new PodTerm(namespaces, namespaceSelector, selector, term.string("topologyKey"), weight);
    }

    /** The selector that besides compares the labels of those keys with the pod's own; keys the pod lacks are left out. */
    public static Unstructured withKeys(Unstructured selector, List<String> keys, String operator, Unstructured pod) {
        Unstructured merged = selector;
        Map<String, String> labels = pod.labels();
        for (String key : keys) {
            String value = labels.get(key);
            if (value != null) {
                merged = merged == selector ? selector.copy() : merged;
                merged.add(
                        Unstructured.of("", "")
                                .remove("apiVersion")
                                .remove("kind")
                                .set(key, "key")
                                .set(operator, "operator")
                                .set(List.of(value), "values"),
                        "matchExpressions");
            }
        }
        return merged;
    }

    public boolean matches(PodInfo other, Snapshot snapshot) {
        return selector != null
                && selector.matches(other.labels())
                && (namespaces.contains(other.namespace())
                        || namespaceSelector != null
                                && namespaceSelector.matches(snapshot.namespaceLabels(other.namespace())));
    }
}
