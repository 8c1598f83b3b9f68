package dev.coracle.apiserver.admission.webhook;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Requests;
import dev.coracle.apiserver.admission.Versions;
import dev.coracle.apiserver.admission.cel.Expressions;
import dev.coracle.apiserver.admission.cel.Rights;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.machinery.cel.Budget;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A webhook's {@code matchConditions}. */
public final class Conditions {
    private static final int REMEMBERED = 1000;
    /** What all conditions of a webhook may cost, as upstream. */
    private static final long MOST = 2_500_000;

    /** Made when the first condition comes: it is much, and few clusters have any. */
    private static final class Language {
        static final Expressions EXPRESSIONS =
                Expressions.withRights(List.of("object", "oldObject", "request", "namespaceObject"));
    }

    /** What a condition may speak of. */
    public static Expressions language() {
        return Language.EXPRESSIONS;
    }

    private final Versions versions;
    private final Authorizer authorizer;
    private final Map<String, Expressions.Program> compiled = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Expressions.Program> eldest) {
            return size() > REMEMBERED;
        }
    };

    Conditions(Versions versions, Authorizer authorizer) {
        this.versions = versions;
        this.authorizer = authorizer;
    }

    /**
     * One that is false is enough not to ask, whatever the others do. One that fails, where none is false, is a failure
     * of the webhook.
     *
     * @throws StatusException 403 where failures are not to be ignored
     */
    boolean hold(Invocation invocation, AdmissionRequest request) {
        Webhook webhook = invocation.webhook();
        if (webhook.conditions().isEmpty()) {
            return true;
        }
        Map<String, Object> variables = new LinkedHashMap<>(Rights.of(authorizer, request));
        variables.put("object", value(request.object(), invocation));
        variables.put("oldObject", value(request.oldObject(), invocation));
        variables.put(
                "request",
                Expressions.value(Requests.described(request, versions, invocation.resource(), invocation.kind())
                        .map()));
        variables.put("namespaceObject", Expressions.value(null));
        Budget budget = new Budget(MOST);
        List<String> errors = new ArrayList<>();
        for (Unstructured condition : webhook.conditions()) {
            try {
                if (program(condition.string("expression"))
                        .evaluate(variables, budget)
                        .equals(false)) {
                    return false;
                }
            } catch (IllegalArgumentException | IllegalStateException | Expressions.Exhausted e) {
                errors.add(String.valueOf(e.getMessage()));
            }
        }
        if (errors.isEmpty()) {
            return true;
        }
        if (webhook.ignoresFailures()) {
            return false;
        }
        throw StatusException.forbidden(
                request.resource(),
                request.name(),
                errors.size() == 1 ? errors.getFirst() : "[" + String.join(", ", errors) + "]");
    }

    private Object value(Unstructured object, Invocation invocation) {
        return Expressions.value(
                object.map().isEmpty()
                        ? null
                        : versions.shown(object, invocation.resource()).map());
    }

    private synchronized Expressions.Program program(String expression) {
        return compiled.computeIfAbsent(expression.strip(), Language.EXPRESSIONS::bool);
    }
}
