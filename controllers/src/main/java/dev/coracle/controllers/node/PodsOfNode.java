package dev.coracle.controllers.node;

import dev.coracle.client.Informer;
import dev.coracle.machinery.object.Revision;
import java.util.List;

/** The index of pods by the node they are on. */
final class PodsOfNode {
    private static final String INDEX = "node-name";

    private PodsOfNode() {}

    static void index(Informer pods) {
        pods.index(INDEX, r -> {
            String node = r.object().string("spec", "nodeName");
            return node.isEmpty() ? List.of() : List.of(node);
        });
    }

    static List<Revision> of(Informer pods, String node) {
        return pods.byIndex(INDEX, node);
    }
}
