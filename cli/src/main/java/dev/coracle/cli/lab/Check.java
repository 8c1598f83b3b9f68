package dev.coracle.cli.lab;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * One thing that must be so.
 *
 * @param look the variables of {@code holds}, each with what one would say to {@code kubectl get}: {@code deployments/web},
 *     {@code pods -l app=web}, {@code pods -n other}; {@code /health} and the like is asked as {@code --raw} and is a text
 * @param holds in CEL; what cannot be evaluated, because something is not there, does not hold
 * @param passed what is said when it holds
 * @param otherwise what is said when it does not: what is wrong, not what to do
 */
record Check(Map<String, String> look, String holds, String passed, String otherwise) {
    static final Set<String> FIELDS = Set.of("look", "holds", "passed", "otherwise");

    static Check of(Entry e) {
        Map<String, String> look = new LinkedHashMap<>(e.fields().strings("look"));
        if (look.isEmpty()) {
            throw new IllegalArgumentException(e.where() + ": look is missing");
        }
        return new Check(look, e.text("holds"), e.text("passed"), e.text("otherwise"));
    }
}
