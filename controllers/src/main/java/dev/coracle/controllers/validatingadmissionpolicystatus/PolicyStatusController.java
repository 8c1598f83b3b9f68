package dev.coracle.controllers.validatingadmissionpolicystatus;

import dev.coracle.apiserver.admission.policy.TypeChecking;
import dev.coracle.client.Informer;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.Schemas;
import java.util.LinkedHashMap;

/**
 * Looks at each policy once for each of its generations: what the kinds that it is about become later does not matter,
 * as it does not upstream.
 */
public final class PolicyStatusController implements Controller, Reconciler {
    private static final GroupVersionResource POLICIES =
            new GroupVersionResource("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies");
    private static final WriteOptions APPLY =
            new WriteOptions("status", "validatingadmissionpolicy-status-controller", true, false);

    private final ControllerContext world;
    private final Schemas schemas = Schemas.builtIn();
    private final Informer policies;
    private final Loop loop;

    public PolicyStatusController(ControllerContext world) {
        this.world = world;
        this.loop = new Loop(world, "validatingadmissionpolicy-status", 1);
        this.policies = loop.reconciles(POLICIES);
        loop.start(this);
    }

    @Override
    public Result reconcile(ObjectKey key) {
        policies.get(key)
                .map(Revision::object)
                .filter(p -> p.generation() > p.integer(0, "status", "observedGeneration"))
                .ifPresent(this::check);
        return Result.DONE;
    }

    private void check(Unstructured policy) {
        Unstructured found = new Unstructured(new LinkedHashMap<>());
        new TypeChecking(schemas, new ServedKinds(world.client(), schemas))
                .check(policy)
                .forEach(w -> found.add(
                        new Unstructured(new LinkedHashMap<>())
                                .set(w.fieldRef(), "fieldRef")
                                .set(w.warning(), "warning"),
                        "expressionWarnings"));
        Unstructured intent = Unstructured.of(policy.apiVersion(), policy.kind(), "", policy.name())
                // Not of another policy of this name, which nobody has looked at.
                .set(policy.uid(), "metadata", "uid")
                .set(policy.generation(), "status", "observedGeneration")
                .set(found, "status", "typeChecking");
        world.client().patch(POLICIES, "", policy.name(), Patch.apply(intent), APPLY);
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
