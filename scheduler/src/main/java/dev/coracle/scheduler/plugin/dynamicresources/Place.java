package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeSelector;
import java.util.List;

/** From which nodes a device can be used. */
sealed interface Place {
    boolean includes(NodeInfo node);

    /** It is part of one node. */
    record OnNode(String name) implements Place {
        @Override
        public boolean includes(NodeInfo node) {
            return node.name().equals(name);
        }
    }

    /** @param term the only one, as it is written */
    record Selected(Unstructured term, NodeSelector selector) implements Place {
        @Override
        public boolean includes(NodeInfo node) {
            return selector.matches(node);
        }
    }

    record Everywhere() implements Place {
        @Override
        public boolean includes(NodeInfo node) {
            return true;
        }
    }

    record Nowhere() implements Place {
        @Override
        public boolean includes(NodeInfo node) {
            return false;
        }
    }

    /** @param says where: a slice, or a device in one that leaves it to its devices */
    static Place of(Unstructured says) {
        if (!says.string("nodeName").isEmpty()) {
            return new OnNode(says.string("nodeName"));
        }
        if (says.bool("allNodes")) {
            return new Everywhere();
        }
        List<Unstructured> terms = says.objects("nodeSelector", "nodeSelectorTerms");
        return terms.size() == 1 ? new Selected(terms.getFirst(), NodeSelector.of(terms)) : new Nowhere();
    }
}
