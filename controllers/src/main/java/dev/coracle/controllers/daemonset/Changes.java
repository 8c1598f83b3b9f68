package dev.coracle.controllers.daemonset;

import java.util.List;

/**
 * What is to be made and deleted.
 *
 * @param nodes that are to get a pod each
 */
record Changes(List<String> nodes, List<Deletion> deletions) {
    enum Why {
        FAILED,
        SUCCEEDED,
        /** One too many, or on a node where it should not be. */
        EXCESS,
        UPDATE
    }

    record Deletion(String node, Daemon daemon, Why why) {}

    boolean isEmpty() {
        return nodes.isEmpty() && deletions.isEmpty();
    }
}
