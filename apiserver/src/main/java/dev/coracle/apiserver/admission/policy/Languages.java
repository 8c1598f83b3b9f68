package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.cel.Expressions;
import java.util.List;

/** What the expressions of policies may speak of. */
public final class Languages {
    private static final List<String> ALWAYS =
            List.of("object", "oldObject", "request", "namespaceObject", "variables");
    private static final List<String> PARAMS =
            List.of("object", "oldObject", "request", "namespaceObject", "variables", "params");
    private static final Expressions PLAIN = Expressions.withRights(ALWAYS);
    private static final Expressions WITH_PARAMS = Expressions.withRights(PARAMS);
    private static final Expressions MESSAGES = new Expressions(ALWAYS);
    private static final Expressions MESSAGES_WITH_PARAMS = new Expressions(PARAMS);

    private static final Expressions MUTATIONS = Expressions.ofMutations(ALWAYS);
    private static final Expressions MUTATIONS_WITH_PARAMS = Expressions.ofMutations(PARAMS);

    private Languages() {}

    /** @param params whether the policy has a {@code paramKind} */
    public static Expressions of(boolean params) {
        return params ? WITH_PARAMS : PLAIN;
    }

    /** Of what changes objects. */
    public static Expressions ofMutations(boolean params) {
        return params ? MUTATIONS_WITH_PARAMS : MUTATIONS;
    }

    /** Of what makes a message: it may not ask for rights. */
    public static Expressions ofMessages(boolean params) {
        return params ? MESSAGES_WITH_PARAMS : MESSAGES;
    }
}
