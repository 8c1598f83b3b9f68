package dev.coracle.controllers.replicaset;

import dev.coracle.controllers.kit.Claims;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.function.Function;

/**
 * Where the kinds that keep so many equal pods differ.
 *
 * @param selector reads which pods are a set's
 * @param countsTerminating whether the status tells of pods that are on their way out
 */
public record Family(
        GroupVersionResource resource,
        String kind,
        Function<Unstructured, LabelSelector> selector,
        boolean countsTerminating) {
    public static final Family REPLICA_SETS =
            new Family(Resources.REPLICA_SETS, "ReplicaSet", Claims::labelSelector, true);

    /** The elder of the two, whose selector is a plain map of labels. */
    public static final Family REPLICATION_CONTROLLERS = new Family(
            Resources.REPLICATION_CONTROLLERS,
            "ReplicationController",
            set -> LabelSelector.ofMap(set.strings("spec", "selector")),
            false);
}
