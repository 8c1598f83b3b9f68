package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.cel.Expressions;
import java.util.List;

/** What the expressions of policies may speak of. */
public final class Languages {
    private static final Expressions PLAIN =
            new Expressions(List.of("object", "oldObject", "request", "namespaceObject", "variables"));
    private static final Expressions WITH_PARAMS =
            new Expressions(List.of("object", "oldObject", "request", "namespaceObject", "variables", "params"));

    private Languages() {}

    /** @param params whether the policy has a {@code paramKind} */
    public static Expressions of(boolean params) {
        return params ? WITH_PARAMS : PLAIN;
    }
}
