package dev.coracle.controllers.clusterroleaggregation;

import dev.coracle.client.Informer;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Writes into each ClusterRole with an {@code aggregationRule} the rules of all that its selectors select, in the order of
 * their names and each once. One aggregating role may select another: what is written into that one wakes this one.
 */
public final class ClusterRoleAggregationController implements Controller, Reconciler {
    private static final WriteOptions APPLY = new WriteOptions("", "clusterrole-aggregation-controller", true, false);

    private final ControllerContext world;
    private final Informer roles;
    private final Loop loop;

    public ClusterRoleAggregationController(ControllerContext world) {
        this.world = world;
        this.loop = new Loop(world, "clusterroleaggregation", 1);
        // Roles are few, and which select which is not known: any change may concern every aggregating one.
        this.roles = loop.watches(Resources.CLUSTER_ROLES, (before, after) -> aggregating());
        loop.start(this);
    }

    private List<ObjectKey> aggregating() {
        return roles.list().stream()
                .filter(r -> !selectors(r).isEmpty())
                .map(Revision::key)
                .toList();
    }

    private static List<Unstructured> selectors(Revision role) {
        return role.object().objects("aggregationRule", "clusterRoleSelectors");
    }

    @Override
    public Result reconcile(ObjectKey key) {
        roles.get(key).ifPresent(role -> {
            List<Unstructured> rules = gathered(role);
            if (!selectors(role).isEmpty() && !rules.equals(role.object().objects("rules"))) {
                Unstructured intent = Unstructured.of("rbac.authorization.k8s.io/v1", "ClusterRole", "", key.name());
                world.client()
                        .patch(Resources.CLUSTER_ROLES, "", key.name(), Patch.apply(intent.set(rules, "rules")), APPLY);
            }
        });
        return Result.DONE;
    }

    private List<Unstructured> gathered(Revision role) {
        List<Revision> others = roles.list().stream()
                .filter(r -> !r.name().equals(role.name()))
                .sorted(Comparator.comparing(Revision::name))
                .toList();
        List<Unstructured> rules = new ArrayList<>();
        for (Unstructured s : selectors(role)) {
            LabelSelector selector = LabelSelector.of(s);
            for (Revision other : others) {
                if (selector.matches(other.labels())) {
                    other.object().objects("rules").stream()
                            .filter(r -> !rules.contains(r))
                            .forEach(rules::add);
                }
            }
        }
        return rules;
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
