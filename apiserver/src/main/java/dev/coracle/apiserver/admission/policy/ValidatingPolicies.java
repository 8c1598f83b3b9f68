package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Kinds;
import dev.coracle.apiserver.admission.Objects;
import dev.coracle.apiserver.admission.Requests;
import dev.coracle.apiserver.admission.Versions;
import dev.coracle.apiserver.admission.cel.Expressions;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Holds requests against the policies. There is no audit log, so that what is only to be audited is let pass. */
public final class ValidatingPolicies {
    /** As upstream. */
    private static final int LONGEST_MESSAGE = 5 * 1024;

    private final Invocations<Validation> invocations;
    private final Objects objects;
    private final Versions versions;
    private final Authorizer authorizer;

    public ValidatingPolicies(Objects objects, Kinds kinds, Authorizer authorizer) {
        this.authorizer = authorizer;
        this.objects = objects;
        this.versions = new Versions(kinds);
        this.invocations = new Invocations<>(
                new Policies<>(
                        objects,
                        "validatingadmission",
                        o -> Policy.of(o, "validations", Languages.of(o.has("spec", "paramKind")), Validation::of)),
                objects,
                kinds);
    }

    /** @throws StatusException the first refusal, by the policies' and bindings' names */
    public void validate(AdmissionRequest request) {
        if (Requests.isExempt(request)) {
            return;
        }
        List<StatusException> refusals = new ArrayList<>();
        List<Invocation<Validation>> all = invocations.of(
                request,
                (policy, binding, why) ->
                        refusals.add(refusal(policy, binding, request, new Decision(why, "Invalid"))));
        if (!all.isEmpty()) {
            Subject subject = new Subject(request, objects, versions, authorizer);
            all.forEach(i -> refusals.addAll(judge(i, subject, request)));
        }
        if (!refusals.isEmpty()) {
            throw refusals.getFirst();
        }
    }

    private List<StatusException> judge(Invocation<Validation> invocation, Subject subject, AdmissionRequest request) {
        Policy<Validation> policy = invocation.policy();
        List<String> actions = invocation.binding().object().stringList("spec", "validationActions");
        List<StatusException> refusals = new ArrayList<>();
        for (Decision d : decide(policy, new Evaluation(policy, subject.values(invocation)))) {
            if (actions.contains("Warn")) {
                request.warnings()
                        .accept("Validation failed for ValidatingAdmissionPolicy '" + policy.name() + "' with binding '"
                                + invocation.binding().name() + "': " + d.message());
            }
            if (actions.contains("Deny")) {
                refusals.add(refusal(policy, invocation.binding(), request, d));
            }
        }
        return refusals;
    }

    /** What is wrong with the request; empty where its failures are to be ignored. */
    private static List<Decision> decide(Policy<Validation> policy, Evaluation evaluation) {
        List<Decision> decisions = new ArrayList<>();
        try {
            if (!evaluation.holds()) {
                return List.of();
            }
            for (Validation v : policy.rules()) {
                try {
                    if (!evaluation.evaluate(v.program()).equals(true)) {
                        decisions.add(new Decision(message(v, evaluation), v.reason()));
                    }
                } catch (IllegalStateException e) {
                    decisions.addAll(failed(policy, e));
                }
            }
            return decisions;
        } catch (IllegalStateException | Expressions.Exhausted e) {
            return failed(policy, e);
        }
    }

    private static List<Decision> failed(Policy<?> policy, Throwable why) {
        return policy.ignoresFailures()
                ? List.of()
                : List.of(new Decision(String.valueOf(why.getMessage()), "Invalid"));
    }

    private static String message(Validation v, Evaluation evaluation) {
        String made = v.messageExpression().map(e -> made(e, evaluation)).orElse("");
        if (!made.isEmpty() && made.length() <= LONGEST_MESSAGE && !made.contains("\n")) {
            return made;
        }
        return v.message().isEmpty() ? "failed expression: " + v.expression() : v.message();
    }

    private static String made(Expressions.Program expression, Evaluation evaluation) {
        try {
            return evaluation.evaluate(expression).toString().strip();
        } catch (IllegalStateException e) {
            return "";
        }
    }

    private static StatusException refusal(
            Policy<?> policy, Policies.Binding binding, AdmissionRequest request, Decision decision) {
        String message = "ValidatingAdmissionPolicy '" + policy.name() + "' with binding '" + binding.name()
                + "' denied request: " + decision.message();
        StatusException plain = StatusException.forbidden(request.resource(), request.name(), message);
        Unstructured details = plain.details().copy();
        details.set(List.of(Map.of("message", message)), "causes");
        return new StatusException(decision.code(), decision.reason(), String.valueOf(plain.getMessage()), details);
    }
}
