package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.cel.Expressions;
import java.util.List;

/**
 * What the expressions of one policy may speak of. Its variables come one after the other, each of the type of its
 * expression; conditions are evaluated before there are any.
 *
 * @param conditions of whether the policy is concerned
 * @param rules of variables, validations and mutations
 * @param messages of what makes a message: it may not ask for rights
 */
public record Languages(Expressions conditions, Expressions rules, Expressions messages) {
    private static final List<String> ALWAYS = List.of("object", "oldObject", "request", "namespaceObject");
    private static final List<String> PARAMS = List.of("object", "oldObject", "request", "namespaceObject", "params");

    private static final Languages PLAIN = of(ALWAYS);
    private static final Languages WITH_PARAMS = of(PARAMS);
    private static final Languages MUTATIONS = ofMutations(ALWAYS);
    private static final Languages MUTATIONS_WITH_PARAMS = ofMutations(PARAMS);

    private static Languages of(List<String> names) {
        Expressions conditions = Expressions.withRights(names);
        return new Languages(conditions, conditions.withVariables(), new Expressions(names).withVariables());
    }

    private static Languages ofMutations(List<String> names) {
        Expressions rules = Expressions.ofMutations(names).withVariables();
        return new Languages(Expressions.withRights(names), rules, rules);
    }

    /** @param params whether the policy has a {@code paramKind} */
    public static Languages of(boolean params) {
        return params ? WITH_PARAMS : PLAIN;
    }

    /** Of what changes objects. */
    public static Languages ofMutations(boolean params) {
        return params ? MUTATIONS_WITH_PARAMS : MUTATIONS;
    }

    /** With one more variable. */
    public Languages and(String name, String text) {
        Expressions more = rules.and(name, text);
        return new Languages(conditions, more, messages.withVariablesOf(more));
    }
}
