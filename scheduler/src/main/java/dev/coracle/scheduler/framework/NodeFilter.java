package dev.coracle.scheduler.framework;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one plugin makes of one pod: whether nodes do. */
@FunctionalInterface
public interface NodeFilter {
    /** Of a plugin that the pod asks nothing of. */
    NodeFilter PASS = node -> Status.OK;

    Status filter(NodeInfo node);

    /** What keeps the pod from every node, whatever the node; or {@code ""}. */
    default String blocked() {
        return "";
    }

    /** The only nodes worth a look; null for all. */
    default @Nullable Set<String> only() {
        return null;
    }

    /**
     * The filter as it would be if one node were another: preemption supposes pods away, and nominated pods there.
     * Those that look at nothing but the node they are asked about are the same.
     */
    default NodeFilter supposing(NodeInfo before, NodeInfo after) {
        return this;
    }

    static NodeFilter blocked(String reason) {
        return new NodeFilter() {
            @Override
            public Status filter(NodeInfo node) {
                return Status.unresolvable(reason);
            }

            @Override
            public String blocked() {
                return reason;
            }
        };
    }
}
