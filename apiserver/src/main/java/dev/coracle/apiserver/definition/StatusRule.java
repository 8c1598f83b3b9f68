package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.Unstructured;

/** Notes what upstream's validation would refuse in a write of the status alone. */
@FunctionalInterface
public interface StatusRule {
    StatusRule NONE = (findings, o, old) -> {};

    void check(Findings findings, Unstructured o, Unstructured old);
}
