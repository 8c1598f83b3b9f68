package dev.coracle.scheduler.framework;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Label selectors as {@link RandomCluster} makes them, matched as slowly and plainly as it can be said. */
public final class PlainSelector {
    private PlainSelector() {}

    /** @param term has the selector, and the keys whose values must be, or must not be, those of {@code own} */
    public static boolean matches(Unstructured term, Map<String, String> own, Map<String, String> labels) {
        return matches(term.object("labelSelector"), labels)
                && keys(term.stringList("matchLabelKeys"), own).stream()
                        .allMatch(k -> Objects.equals(own.get(k), labels.get(k)))
                && keys(term.stringList("mismatchLabelKeys"), own).stream()
                        .noneMatch(k -> Objects.equals(own.get(k), labels.get(k)));
    }

    private static List<String> keys(List<String> keys, Map<String, String> own) {
        return keys.stream().filter(own::containsKey).toList();
    }

    public static boolean matches(Unstructured selector, Map<String, String> labels) {
        return labels.entrySet().containsAll(selector.strings("matchLabels").entrySet())
                && selector.objects("matchExpressions").stream()
                        .allMatch(e -> e.string("operator").equals("Exists") == labels.containsKey(e.string("key")));
    }
}
