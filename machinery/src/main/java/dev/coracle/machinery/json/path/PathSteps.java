package dev.coracle.machinery.json.path;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One path of {@link JsonPath}, taken apart: each step leads from the values so far to the next. */
final class PathSteps {
    /** From one value to those it leads to. */
    interface Step {
        void apply(@Nullable Object value, List<@Nullable Object> to);
    }

    private PathSteps() {}

    static List<Step> parse(String path) {
        List<Step> steps = new ArrayList<>();
        int i = path.startsWith("$") || path.startsWith("@") ? 1 : 0;
        while (i < path.length()) {
            char c = path.charAt(i);
            if (path.startsWith("..", i)) {
                steps.add(PathSteps::descend);
                i += path.startsWith("..[", i) ? 2 : 1;
            } else if (c == '.') {
                StringBuilder name = new StringBuilder();
                for (i++; i < path.length() && ".[ ".indexOf(path.charAt(i)) < 0; i++) {
                    if (path.charAt(i) == '\\' && i + 1 < path.length()) {
                        i++;
                    }
                    name.append(path.charAt(i));
                }
                if (!name.isEmpty()) {
                    steps.add(field(name.toString()));
                }
            } else if (c == '[') {
                int end = closing(path, i);
                steps.add(bracket(path.substring(i + 1, end).trim()));
                i = end + 1;
            } else if (c == ' ') {
                i++;
            } else {
                throw new JsonPathException("error parsing jsonpath {" + path
                        + "}, unrecognized character in action: U+" + String.format("%04X", (int) c) + " '" + c + "'");
            }
        }
        return steps;
    }

    private static int closing(String path, int open) {
        int depth = 0;
        char quote = 0;
        for (int i = open; i < path.length(); i++) {
            char c = path.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '[') {
                depth++;
            } else if (c == ']' && --depth == 0) {
                return i;
            }
        }
        throw new JsonPathException("error parsing jsonpath {" + path + "}, unterminated array");
    }

    private static Step field(String name) {
        return (value, to) -> {
            if (value instanceof Map<?, ?> m) {
                if (name.equals("*")) {
                    to.addAll(new TreeMap<>(m).values());
                } else if (m.containsKey(name)) {
                    to.add(m.get(name));
                }
            } else if (value instanceof List<?> l && name.equals("*")) {
                to.addAll(l);
            }
        };
    }

    private static void descend(@Nullable Object value, List<@Nullable Object> to) {
        to.add(value);
        if (value instanceof Map<?, ?> m) {
            new TreeMap<>(m).values().forEach(v -> descend(v, to));
        } else if (value instanceof List<?> l) {
            l.forEach(v -> descend(v, to));
        }
    }

    private static Step bracket(String inside) {
        if (inside.startsWith("?(") && inside.endsWith(")")) {
            return filter(inside.substring(2, inside.length() - 1).trim());
        }
        if (inside.startsWith("'") || inside.startsWith("\"")) {
            List<Step> union = new ArrayList<>();
            for (String name : inside.split(",(?=\\s*['\"])")) {
                union.add(field(unquoted(name.trim()).replace("\\.", ".")));
            }
            return (value, to) -> union.forEach(s -> s.apply(value, to));
        }
        if (inside.equals("*")) {
            return field("*");
        }
        return (value, to) -> {
            if (value instanceof List<?> l) {
                for (String part : inside.split(",")) {
                    slice(l, part.trim(), to);
                }
            }
        };
    }

    private static void slice(List<?> l, String text, List<@Nullable Object> to) {
        String[] parts = text.split(":", -1);
        try {
            int n = l.size();
            int from = parts[0].isEmpty() ? 0 : Integer.parseInt(parts[0]);
            from = from < 0 ? from + n : from;
            if (parts.length == 1) {
                if (from < 0 || from >= n) {
                    throw new JsonPathException(
                            "error executing jsonpath: array index out of bounds: index " + from + ", length " + n);
                }
                to.add(l.get(from));
                return;
            }
            int until = parts[1].isEmpty() ? n : Integer.parseInt(parts[1]);
            until = Math.min(n, until < 0 ? until + n : until);
            int step = parts.length > 2 && !parts[2].isEmpty() ? Integer.parseInt(parts[2]) : 1;
            for (int i = Math.max(0, from); i < until; i += Math.max(1, step)) {
                to.add(l.get(i));
            }
        } catch (NumberFormatException e) {
            throw new JsonPathException("error parsing jsonpath: invalid array index " + text);
        }
    }

    private static Step filter(String condition) {
        for (String operator : List.of("==", "!=", ">=", "<=", ">", "<")) {
            int at = condition.indexOf(operator);
            if (at > 0) {
                String left = condition.substring(0, at).trim();
                String right = condition.substring(at + operator.length()).trim();
                return each(v -> compare(operand(left, v), operator, operand(right, v)));
            }
        }
        List<Step> steps = parse(condition);
        return each(v -> !walk(steps, v).isEmpty());
    }

    private static Step each(java.util.function.Predicate<@Nullable Object> wanted) {
        return (value, to) -> {
            if (value instanceof List<?> l) {
                l.stream().filter(wanted::test).forEach(to::add);
            }
        };
    }

    private static @Nullable Object operand(String text, @Nullable Object at) {
        if (text.startsWith("@") || text.startsWith("$")) {
            List<@Nullable Object> found = walk(parse(text), at);
            return found.isEmpty() ? null : found.getFirst();
        }
        if (text.startsWith("'") || text.startsWith("\"")) {
            return unquoted(text);
        }
        return text.equals("true") || text.equals("false")
                ? (Object) text.equals("true")
                : (Object) Double.valueOf(text);
    }

    private static boolean compare(@Nullable Object a, String operator, @Nullable Object b) {
        if (a == null) {
            return false;
        }
        if (a instanceof Number x && b instanceof Number y) {
            int c = Double.compare(x.doubleValue(), y.doubleValue());
            return switch (operator) {
                case "==" -> c == 0;
                case "!=" -> c != 0;
                case ">=" -> c >= 0;
                case "<=" -> c <= 0;
                case ">" -> c > 0;
                default -> c < 0;
            };
        }
        return switch (operator) {
            case "==" -> Objects.equals(a, b);
            case "!=" -> !Objects.equals(a, b);
            default -> false;
        };
    }

    static List<@Nullable Object> walk(List<Step> steps, @Nullable Object root) {
        List<@Nullable Object> values = new ArrayList<>();
        values.add(root);
        for (Step step : steps) {
            List<@Nullable Object> next = new ArrayList<>();
            values.forEach(v -> step.apply(v, next));
            values = next;
        }
        return values;
    }

    static String unquoted(String quoted) {
        String s = quoted.length() > 1 ? quoted.substring(1, quoted.length() - 1) : quoted;
        return s.replace("\\n", "\n")
                .replace("\\t", "\t")
                .replace("\\\"", "\"")
                .replace("\\'", "'")
                .replace("\\\\", "\\");
    }
}
