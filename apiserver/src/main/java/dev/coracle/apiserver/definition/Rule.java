package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.Unstructured;
import org.jspecify.annotations.Nullable;

/** Notes what upstream's validation would refuse. */
@FunctionalInterface
public interface Rule {
    Rule NONE = (findings, o, old) -> {};

    /**
     * @param o complete: after defaults
     * @param old what it replaces; null for a creation
     */
    void check(Findings findings, Unstructured o, @Nullable Unstructured old);
}
