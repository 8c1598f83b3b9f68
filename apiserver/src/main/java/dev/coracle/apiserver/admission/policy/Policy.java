package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.Selector;
import dev.coracle.apiserver.admission.cel.Expressions;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A policy, read and compiled once.
 *
 * @param variables by their names, in their order: each may speak of those before it
 * @param paramKind empty where there are no parameters
 */
record Policy(
        String name,
        Selector selector,
        boolean ignoresFailures,
        Optional<Unstructured> paramKind,
        List<Expressions.Program> conditions,
        Map<String, Expressions.Program> variables,
        List<Validation> validations) {

    /** @param messageExpression empty for none */
    record Validation(
            String expression,
            Expressions.Program program,
            String message,
            Optional<Expressions.Program> messageExpression,
            String reason) {}

    static Policy of(Unstructured o) {
        Unstructured spec = o.object("spec");
        boolean params = spec.has("paramKind");
        Expressions language = Languages.of(params);
        Map<String, Expressions.Program> variables = new LinkedHashMap<>();
        spec.objects("variables")
                .forEach(v -> variables.put(v.string("name"), compiled(language::any, v.string("expression"))));
        return new Policy(
                o.name(),
                Selector.ofPolicy(spec.object("matchConstraints"), false),
                spec.string("failurePolicy").equals("Ignore"),
                params ? Optional.of(spec.object("paramKind")) : Optional.empty(),
                spec.objects("matchConditions").stream()
                        .map(c ->
                                compiled(language::bool, c.string("expression").strip()))
                        .toList(),
                variables,
                spec.objects("validations").stream()
                        .map(v -> validation(v, language, Languages.ofMessages(params)))
                        .toList());
    }

    /** One that is none fails whenever it is to be evaluated: another version of this server may have stored it. */
    private static Expressions.Program compiled(Function<String, Expressions.Program> compiler, String text) {
        try {
            return compiler.apply(text);
        } catch (IllegalArgumentException e) {
            return variables -> {
                throw new IllegalStateException("expression '" + text + "' resulted in error: " + e.getMessage(), e);
            };
        }
    }

    private static Validation validation(Unstructured v, Expressions language, Expressions messages) {
        String message = v.string("messageExpression").strip();
        return new Validation(
                v.string("expression").strip(),
                compiled(language::bool, v.string("expression")),
                v.string("message").strip(),
                message.isEmpty()
                        ? Optional.empty()
                        : Optional.of(compiled(messages::string, v.string("messageExpression"))),
                v.stringOr("Invalid", "reason"));
    }
}
