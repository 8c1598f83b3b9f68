package dev.coracle.scheduler.framework;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** All that rules nodes out for one pod, ready to be asked. */
public final class Filtering {
    /** @param place among all plugins */
    private record Named(String plugin, int place, boolean local, NodeFilter filter) {}

    private final Cycle cycle;
    private final @Nullable Alike kind;
    private final List<Named> filters;
    /** Whether none of them looks beyond the node it is asked about. */
    private final boolean local;

    private Filtering(Cycle cycle, @Nullable Alike kind, List<Named> filters) {
        this.cycle = cycle;
        this.kind = kind;
        this.filters = filters;
        this.local = filters.stream().allMatch(Named::local);
    }

    public static Filtering of(List<? extends Plugin.Filters> plugins, Cycle cycle) {
        return of(plugins, cycle, null);
    }

    /** @param kind the one object for all pods alike, under which nodes keep what was found out; null to keep nothing */
    public static Filtering of(List<? extends Plugin.Filters> plugins, Cycle cycle, @Nullable Alike kind) {
        List<Named> filters = new ArrayList<>();
        for (int i = 0; i < plugins.size(); i++) {
            Plugin.Filters p = plugins.get(i);
            NodeFilter filter = p.preFilter(cycle);
            if (filter != NodeFilter.PASS) {
                filters.add(new Named(p.name(), i, p.isLocal(), filter));
            }
        }
        return new Filtering(cycle, kind, filters);
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
        Judgement known = kind == null ? null : judgement(node, kind);
        for (Named n : filters) {
            if (known != null && n.local) {
                if (n.place == known.refuser) {
                    break;
                }
                continue;
            }
            Status status = n.filter.filter(node);
            if (!status.fits()) {
                return status.by(n.plugin);
            }
        }
        return known == null ? Status.OK : known.status;
    }

    private Judgement judgement(NodeInfo node, Alike alike) {
        Judgement known = node.recall(alike);
        if (known == null) {
            known = judge(node);
            node.note(alike, known);
        }
        return known;
    }

    private Judgement judge(NodeInfo node) {
        for (Named n : filters) {
            Status status = n.local ? n.filter.filter(node) : Status.OK;
            if (!status.fits()) {
                return new Judgement(n.place, status.by(n.plugin));
            }
        }
        return new Judgement(Integer.MAX_VALUE, Status.OK);
    }

    /** What nodes keep for pods alike, of those that were asked; null where nothing is kept. */
    public @Nullable Judgement kept(NodeInfo node) {
        return kind == null ? null : judgement(node, kind);
    }

    /**
     * As {@link #filter}, when pods of the same or a higher priority are to come to the node: it must do both with them,
     * for they have a right to it, and without, for they may not come.
     */
    public Status filterWithNominated(NodeInfo node) {
        List<PodInfo> nominated = nominated(node);
        if (nominated.isEmpty()) {
            return filter(node);
        }
        Alike alike = shared(nominated);
        return alike == null
                ? filterAmong(node, nominated)
                : judgement(node, alike).among(nominated, () -> filterAmong(node, nominated));
    }

    /** Whether nodes are judged by what is there and who is to come there alone, and so for all pods alike. */
    public boolean isShared() {
        return local && kind != null;
    }

    private List<PodInfo> nominated(NodeInfo node) {
        return cycle.snapshot().hasNominated() ? cycle.snapshot().nominated(node.name()) : List.of();
    }

    /** The kind, when one answer about a node with those who are to come there does for all pods of it. */
    private @Nullable Alike shared(List<PodInfo> nominated) {
        return local && nominated.stream().noneMatch(this::isThePod) ? kind : null;
    }

    private boolean isThePod(PodInfo other) {
        return other.uid().equals(cycle.pod().uid());
    }

    private Status filterAmong(NodeInfo node, List<PodInfo> nominated) {
        NodeInfo with = node;
        for (PodInfo p : nominated) {
            if (p.priority() >= cycle.pod().priority() && !isThePod(p)) {
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

    /**
     * What is found out about a node for pods alike once, and kept with it until the node is another, or others are to come
     * there. Found out anew for a pod that is like no other, or whose filters look beyond the node.
     *
     * @param by what it depends on besides: kept for this very object
     */
    public <T> T keep(Class<T> type, NodeInfo node, Object by, Supplier<T> find) {
        List<PodInfo> nominated = nominated(node);
        Alike alike = shared(nominated);
        return alike == null ? find.get() : judgement(node, alike).keep(type, nominated, by, find);
    }

    public Filtering supposing(NodeInfo before, NodeInfo after) {
        if (local) {
            return this;
        }
        List<Named> supposed = new ArrayList<>(filters.size());
        for (Named n : filters) {
            supposed.add(new Named(n.plugin, n.place, n.local, n.filter.supposing(before, after)));
        }
        return new Filtering(cycle, kind, supposed);
    }
}
