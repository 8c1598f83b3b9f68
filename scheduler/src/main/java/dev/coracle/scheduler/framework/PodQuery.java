package dev.coracle.scheduler.framework;

import dev.coracle.machinery.selector.LabelSelector;

/**
 * Which pods of a namespace are counted. Equal when written alike, so that what a node counted for one pod serves the
 * next of the same set.
 */
public final class PodQuery {
    private final String namespace;
    private final LabelSelector selector;
    private final String text;

    /** @param text tells the selector from others */
    public PodQuery(String namespace, LabelSelector selector, String text) {
        this.namespace = namespace;
        this.selector = selector;
        this.text = namespace + "/" + text;
    }

    /** Pods that are going count no more, as upstream has it. */
    public boolean counts(PodInfo pod) {
        return !pod.isDeleting() && pod.namespace().equals(namespace) && selector.matches(pod.labels());
    }

    /** The pod itself, which is not there yet. */
    public boolean matches(PodInfo pod) {
        return selector.matches(pod.labels());
    }

    public String namespace() {
        return namespace;
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof PodQuery q && q.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
