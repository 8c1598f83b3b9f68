package dev.coracle.scheduler;

import dev.coracle.scheduler.framework.Alike;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.Filtering;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.Plugin.ClusterEvent;
import dev.coracle.scheduler.framework.PluginFailure;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What happened since waiting pods were last asked, and whom it can help: one that a changed node would take, beside those it
 * is kept for, by all filters that look at that node alone; and one that was refused by a plugin to which the event matters.
 */
final class Hints {
    private final Set<String> nodes = new LinkedHashSet<>();
    private final List<ClusterEvent> events = new ArrayList<>();
    /** What is known already of pods alike. */
    private final Map<Alike, Boolean> fit = new HashMap<>();

    /** A node that may take pods that it did not take before; {@code ""} for none. */
    void node(String name) {
        if (!name.isEmpty()) {
            nodes.add(name);
        }
    }

    void event(ClusterEvent event) {
        events.add(event);
    }

    boolean isEmpty() {
        return nodes.isEmpty() && events.isEmpty();
    }

    void clear() {
        nodes.clear();
        events.clear();
        fit.clear();
    }

    /** @param refusers who refused the pod; empty when that is not known yet, then every plugin is asked */
    boolean help(Profile profile, PodInfo pod, Set<String> refusers, Snapshot snapshot) {
        for (Plugin.Permits p : profile.permits()) {
            // Nodes had room for it; and the room that its refusal left must not bring it back at once, for ever.
            if (refusers.contains(p.name())) {
                return events.stream().anyMatch(e -> p.isHelpedBy(pod, e));
            }
        }
        for (Plugin.Filters p : profile.filters()) {
            if ((refusers.isEmpty() || refusers.contains(p.name()))
                    && events.stream().anyMatch(e -> p.isHelpedBy(pod, e))) {
                return true;
            }
        }
        if (nodes.isEmpty()) {
            return false;
        }
        Alike alike = pod.alike(profile.maker().kinds().kinds());
        // What waits for the node that is kept for itself fares otherwise there than its equals.
        if (alike == null || nodes.contains(snapshot.nominatedNode(pod))) {
            return mayFit(profile, pod, snapshot);
        }
        Boolean known = fit.get(alike);
        if (known == null) {
            known = mayFit(profile, pod, snapshot);
            fit.put(alike, known);
        }
        return known;
    }

    private boolean mayFit(Profile profile, PodInfo pod, Snapshot snapshot) {
        try {
            return mayFit(Filtering.of(profile.local(), new Cycle(pod, snapshot)), snapshot);
        } catch (PluginFailure e) {
            return true; // An attempt says why.
        }
    }

    private boolean mayFit(Filtering filtering, Snapshot snapshot) {
        if (!filtering.blocked().fits()) {
            return false;
        }
        Set<String> only = filtering.narrowed().nodes();
        return nodes.stream()
                .filter(n -> only == null || only.contains(n))
                .map(snapshot::node)
                .filter(Objects::nonNull)
                .anyMatch(n ->
                        filtering.filterWithNominated(Objects.requireNonNull(n)).fits());
    }

    /** Every changed node as an event, for those to whom nodes matter beyond themselves. */
    void nodeChanged(NodeInfo node) {
        nodes.add(node.name());
        events.add(new ClusterEvent.NodeChanged(node));
    }
}
