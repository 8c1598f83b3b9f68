package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Kinds;
import dev.coracle.apiserver.admission.Mutation;
import dev.coracle.apiserver.admission.Objects;
import dev.coracle.apiserver.admission.Reinvocation;
import dev.coracle.apiserver.admission.Requests;
import dev.coracle.apiserver.admission.Versions;
import dev.coracle.apiserver.admission.cel.Expressions;
import dev.coracle.apiserver.admission.cel.Made;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.JsonPatch;
import dev.coracle.machinery.patch.apply.ServerSideApply;
import dev.coracle.machinery.patch.apply.Structure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lets the policies change objects, one after another; each sees what those before it made (KEP-3962). */
public final class MutatingPolicies {
    private final Invocations<Change> invocations;
    private final Objects objects;
    private final Kinds kinds;
    private final Versions versions;
    private final Authorizer authorizer;
    private final Mutation mutation;

    public MutatingPolicies(Objects objects, Kinds kinds, Authorizer authorizer) {
        this.authorizer = authorizer;
        this.objects = objects;
        this.kinds = kinds;
        this.versions = new Versions(kinds);
        this.mutation = new Mutation(kinds);
        this.invocations = new Invocations<>(
                new Policies<>(
                        objects,
                        "mutatingadmission",
                        o -> Policy.of(o, "mutations", Languages.ofMutations(o.has("spec", "paramKind")), Change::of)),
                objects,
                kinds);
    }

    /**
     * @param complete fills in the defaults of what a policy changed
     * @throws StatusException when a policy fails that does not ignore that: with the reason of the first, and all as
     *     causes
     */
    public void admit(AdmissionRequest request, Runnable complete, Reinvocation reinvocation) {
        if (Requests.isExempt(request)) {
            return;
        }
        List<String> failures = new ArrayList<>();
        List<Invocation<Change>> all =
                invocations.of(request, (policy, binding, why) -> failures.add(told(policy, binding, why)));
        if (!all.isEmpty()) {
            Reinvocation.Turn turn = reinvocation.policies();
            turn.begin(request.object());
            Subject subject = new Subject(request, objects, versions, authorizer);
            all.forEach(i -> invoke(i, request, subject, complete, turn, failures));
            turn.end(request.object());
        }
        if (!failures.isEmpty()) {
            throw refusal(request, failures);
        }
    }

    private void invoke(
            Invocation<Change> invocation,
            AdmissionRequest request,
            Subject subject,
            Runnable complete,
            Reinvocation.Turn turn,
            List<String> failures) {
        Policy<Change> policy = invocation.policy();
        boolean changed = false;
        try {
            if (!new Evaluation(policy, subject.values(invocation)).holds() || turn.skips(invocation.id())) {
                return;
            }
        } catch (IllegalStateException e) {
            fail(invocation, e, failures);
            return;
        }
        // There is nothing to change in what is deleted.
        List<Change> changes = request.object().map().isEmpty() ? List.of() : policy.rules();
        for (Change change : changes) {
            try {
                Object made = new Evaluation(policy, subject.values(invocation)).evaluate(change.program());
                Unstructured shown = versions.shown(request.object(), invocation.version());
                Object next = change.patches() ? patched(shown, made) : merged(shown, made);
                boolean differs = next != null && mutation.take(request, invocation.version(), next, complete);
                if (differs) {
                    changed = true;
                    subject.changed();
                }
            } catch (IllegalStateException | IllegalArgumentException | Expressions.Exhausted e) {
                fail(invocation, e, failures);
            }
        }
        turn.asked(invocation.id(), policy.reinvoked(), changed);
    }

    private static void fail(Invocation<?> invocation, Throwable why, List<String> failures) {
        if (!invocation.policy().ignoresFailures()) {
            failures.add(told(invocation.policy(), invocation.binding(), String.valueOf(why.getMessage())));
        }
    }

    /** Null where a test of the patch does not hold: then nothing of it is done. */
    private static @Nullable Object patched(Unstructured shown, Object made) {
        List<Object> operations = new ArrayList<>();
        for (Object patch : (List<?>) made) {
            Map<String, @Nullable Object> operation = new LinkedHashMap<>();
            ((Map<?, ?>) patch).forEach((field, v) -> {
                Made.check(v);
                operation.put((String) field, Made.tree(v));
            });
            operations.add(operation);
        }
        try {
            return JsonPatch.apply(shown.map(), operations);
        } catch (JsonPatch.TestFailed e) {
            return null;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("JSONPath: " + e.getMessage(), e);
        }
    }

    /** As one who owns nothing applies it: what is set there is merged in, nothing is taken away. */
    @SuppressWarnings("unchecked")
    private Object merged(Unstructured shown, Object made) {
        Made.check(made);
        Unstructured part = new Unstructured((Map<String, Object>) java.util.Objects.requireNonNull(Made.tree(made)));
        part.set(shown.apiVersion(), "apiVersion").set(shown.kind(), "kind");
        Structure structure = kinds.structure(shown.groupVersionKind());
        List<String> whole = ServerSideApply.whole(part, structure);
        if (!whole.isEmpty()) {
            throw new IllegalArgumentException("error applying patch: invalid ApplyConfiguration: may not mutate atomic"
                    + " arrays, maps or structs: " + String.join(", ", whole));
        }
        return new ServerSideApply(structure).merge(shown, part).map();
    }

    private static String told(Policy<?> policy, Policies.Binding binding, String why) {
        return "policy '" + policy.name() + "' with binding '" + binding.name() + "' denied request: " + why;
    }

    private static StatusException refusal(AdmissionRequest request, List<String> failures) {
        Unstructured details = StatusException.forbidden(request.resource(), request.name(), "")
                .details()
                .copy();
        details.set(
                failures.stream().map(f -> Map.<String, Object>of("message", f)).toList(), "causes");
        return new StatusException(403, "Invalid", failures.getFirst(), details);
    }
}
