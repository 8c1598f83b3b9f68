package dev.coracle.apiserver.structural;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A rule's {@code fieldPath}: where its finding belongs, from where the rule stands. {@code .a.b}, {@code
 * ['with.dot']}, {@code .map.key}; elements of lists have no path.
 *
 * @param text as it is appended to a path: {@code a.b}, {@code map[key]}
 */
record RulePath(String text) {
    /** Empty where there is no such field. */
    static Optional<RulePath> of(Node from, String path) {
        List<String> steps = steps(path);
        if (steps.isEmpty()) {
            return Optional.empty();
        }
        StringBuilder text = new StringBuilder();
        Node at = from;
        for (String step : steps) {
            Node named = at.properties.get(step);
            Node next = named != null ? named : keyed(at);
            if (next == null) {
                return Optional.empty();
            }
            if (named == null) {
                text.append('[').append(step).append(']');
            } else {
                text.append(text.isEmpty() ? "" : ".").append(step);
            }
            at = next;
        }
        return Optional.of(new RulePath(text.toString()));
    }

    private static @Nullable Node keyed(Node at) {
        return at.properties.isEmpty() ? at.additional : null;
    }

    /** Empty for what is no path. */
    private static List<String> steps(String path) {
        List<String> steps = new ArrayList<>();
        int i = 0;
        while (i < path.length()) {
            if (path.charAt(i) == '.') {
                int end = i + 1;
                while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
                    end++;
                }
                if (end == i + 1) {
                    return List.of();
                }
                steps.add(path.substring(i + 1, end));
                i = end;
            } else if (path.startsWith("['", i)) {
                int end = path.indexOf("']", i + 2);
                if (end < 0) {
                    return List.of();
                }
                steps.add(path.substring(i + 2, end));
                i = end + 2;
            } else {
                return List.of();
            }
        }
        return steps;
    }
}
