package dev.coracle.scheduler.framework;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All that rules nodes out for one pod, ready to be asked. */
public final class Filtering {
    private record Named(String plugin, NodeFilter filter) {}

    private final Cycle cycle;
    private final List<Named> filters;

    private Filtering(Cycle cycle, List<Named> filters) {
        this.cycle = cycle;
        this.filters = filters;
    }

    public static Filtering of(List<? extends Plugin.Filters> plugins, Cycle cycle) {
        List<Named> filters = new ArrayList<>();
        for (Plugin.Filters p : plugins) {
            NodeFilter filter = p.preFilter(cycle);
            if (filter != NodeFilter.PASS) {
                filters.add(new Named(p.name(), filter));
            }
        }
        return new Filtering(cycle, filters);
    }

    /** The refusal of every node by one plugin, or {@link Status#OK}. */
    public Status blocked() {
        for (Named n : filters) {
            if (!n.filter.blocked().isEmpty()) {
                return Status.unresolvable(n.filter.blocked()).by(n.plugin);
            }
        }
        return Status.OK;
    }

    /** The only nodes worth a look, null for all; and who says so. */
    public record Narrowed(@Nullable Set<String> nodes, Status others) {
        public boolean allows(NodeInfo node) {
            return nodes == null || nodes.contains(node.name());
        }
    }

    public Narrowed narrowed() {
        Set<String> nodes = null;
        List<String> plugins = new ArrayList<>();
        for (Named n : filters) {
            Set<String> only = n.filter.only();
            if (only != null) {
                plugins.add(n.plugin);
                if (nodes == null) {
                    nodes = new HashSet<>(only);
                } else {
                    nodes.retainAll(only);
                }
            }
        }
        String who = String.join(" ", plugins);
        return new Narrowed(
                nodes,
                Status.unresolvable("node(s) didn't satisfy plugin(s) [" + who + "]")
                        .by(who));
    }

    /** The first that objects has the word, as upstream. */
    public Status filter(NodeInfo node) {
        for (Named n : filters) {
            Status status = n.filter.filter(node);
            if (!status.fits()) {
                return status.by(n.plugin);
            }
        }
        return Status.OK;
    }

    /**
     * As {@link #filter}, when pods of the same or a higher priority are to come to the node: it must do both with them,
     * for they have a right to it, and without, for they may not come.
     */
    public Status filterWithNominated(NodeInfo node) {
        NodeInfo with = node;
        for (PodInfo p : cycle.snapshot().nominated(node.name())) {
            if (p.priority() >= cycle.pod().priority()
                    && !p.uid().equals(cycle.pod().uid())) {
                with = with.with(p);
            }
        }
        if (with != node) {
            Status status = supposing(node, with).filter(with);
            if (!status.fits()) {
                return status;
            }
        }
        return filter(node);
    }

    public Filtering supposing(NodeInfo before, NodeInfo after) {
        List<Named> supposed = new ArrayList<>(filters.size());
        for (Named n : filters) {
            supposed.add(new Named(n.plugin, n.filter.supposing(before, after)));
        }
        return new Filtering(cycle, supposed);
    }
}
