package dev.coracle.apiserver.structural;

import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The rules of a schema, read when the first object comes that they stand over, and then kept. */
final class RuleSet {
    /**
     * One rule.
     *
     * @param told as in messages: the rule's message, or the rule itself
     * @param message what is told where it does not hold
     * @param path from where it stands, may be empty
     * @param optionalOld whether it is evaluated without an old value too
     */
    record Rule(
            Expressions.Compiled expression,
            Expressions.@Nullable Compiled messageExpression,
            String told,
            String message,
            String reason,
            String path,
            boolean optionalOld) {}

    private final Node root;
    private final RuleTypes types;
    private final Expressions expressions;
    private final Map<Node, List<Rule>> read = new ConcurrentHashMap<>();

    RuleSet(Node root) {
        this.root = root;
        this.types = new RuleTypes(root);
        this.expressions = new Expressions(types);
    }

    Node root() {
        return root;
    }

    List<Rule> of(Node n) {
        return n.rules.isEmpty() ? List.of() : read.computeIfAbsent(n, this::read);
    }

    private List<Rule> read(Node n) {
        Optional<CelType> self = types.of(n);
        List<Rule> rules = new ArrayList<>();
        for (Map<String, Object> told : n.rules) {
            if (self.isPresent()) {
                rules.add(rule(n, told, self.get()));
            }
        }
        return List.copyOf(rules);
    }

    private Rule rule(Node n, Map<String, Object> told, CelType self) {
        String expression = Node.text(told, "rule").strip();
        String message = Node.text(told, "message").strip();
        String messageExpression = Node.text(told, "messageExpression").strip();
        boolean optional = Node.is(told, "optionalOldSelf");
        String path = Node.text(told, "fieldPath").strip();
        return new Rule(
                expressions.compile(expression, self, optional, SimpleType.BOOL),
                messageExpression.isEmpty()
                        ? null
                        : expressions.compile(messageExpression, self, optional, SimpleType.STRING),
                message.isEmpty() ? expression : message,
                message.isEmpty() ? "failed rule: " + expression : message,
                Node.text(told, "reason"),
                path.isEmpty() ? "" : RulePath.of(n, path).map(RulePath::text).orElse(""),
                optional);
    }
}
