package dev.coracle.controllers.statefulset;

import dev.coracle.machinery.object.Unstructured;

/** One thing that is to be done for a set. */
sealed interface Step {
    /** Make the claims and the pod of an empty place. */
    record Create(int ordinal, String revision) implements Step {}

    /** Make claims that a waiting pod lacks. */
    record Provide(Unstructured pod) implements Step {}

    /** Put back the labels of a running pod, and the owners of its claims. */
    record Conform(Unstructured pod) implements Step {}

    /** Set the owners of the claims of a pod that is to go. */
    record Release(Unstructured pod) implements Step {}

    /** @param update whether another revision is to take its place */
    record Delete(Unstructured pod, boolean update) implements Step {}
}
