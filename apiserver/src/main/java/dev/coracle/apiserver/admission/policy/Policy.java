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
 * @param <R> what it consists of: each {@link Validation} or {@link Change}, in their order
 * @param variables by their names, in their order: each may speak of those before it
 * @param paramKind empty where there are no parameters
 * @param reinvoked whether it wants to see what was changed after it
 */
record Policy<R>(
        String name,
        Selector selector,
        boolean ignoresFailures,
        boolean reinvoked,
        Optional<Unstructured> paramKind,
        List<Expressions.Program> conditions,
        Map<String, Expressions.Program> variables,
        List<R> rules) {

    /** Reads one rule. */
    interface Reader<R> {
        R read(Unstructured rule, Languages languages);
    }

    /**
     * @param field the rules' in the spec
     * @param first the languages without the policy's variables
     */
    static <R> Policy<R> of(Unstructured o, String field, Languages first, Reader<R> reader) {
        Unstructured spec = o.object("spec");
        Languages read = first;
        Map<String, Expressions.Program> variables = new LinkedHashMap<>();
        for (Unstructured v : spec.objects("variables")) {
            variables.put(v.string("name"), compiled(read.rules()::any, v.string("expression")));
            read = read.and(v.string("name"), v.string("expression"));
        }
        Languages languages = read;
        return new Policy<>(
                o.name(),
                Selector.ofPolicy(spec.object("matchConstraints"), false),
                spec.string("failurePolicy").equals("Ignore"),
                spec.string("reinvocationPolicy").equals("IfNeeded"),
                spec.has("paramKind") ? Optional.of(spec.object("paramKind")) : Optional.empty(),
                spec.objects("matchConditions").stream()
                        .map(c -> compiled(
                                languages.conditions()::bool,
                                c.string("expression").strip()))
                        .toList(),
                variables,
                spec.objects(field).stream().map(r -> reader.read(r, languages)).toList());
    }

    /** One that is none fails whenever it is to be evaluated: another version of this server may have stored it. */
    static Expressions.Program compiled(Function<String, Expressions.Program> compiler, String text) {
        try {
            return compiler.apply(text);
        } catch (IllegalArgumentException e) {
            return (variables, budget) -> {
                throw new IllegalStateException("expression '" + text + "' resulted in error: " + e.getMessage(), e);
            };
        }
    }
}
