package dev.coracle.cli.kubectl.template;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One walk through a template's tree, over one object. */
final class Execution {
    private enum Flow {
        ON,
        BREAK,
        CONTINUE
    }

    private record Known(String name, Value value) {}

    private final String text;
    private final StringBuilder out;
    private final List<Known> variables = new ArrayList<>();
    /** What was looked at last, for messages. */
    private Node here = new Node.Dot(0);

    Execution(String text, StringBuilder out) {
        this.text = text;
        this.out = out;
    }

    void run(List<Node> nodes, @Nullable Object data) {
        Value dot = Value.of(data);
        variables.add(new Known("$", dot));
        walk(dot, nodes);
    }

    /** With the place: {@code template: output:1:7: executing "output" at <.kind.x>: MESSAGE}. */
    private TemplateException wrong(String message) {
        int begin = text.lastIndexOf('\n', here.at() - 1) + 1;
        long line =
                1 + text.substring(0, here.at()).chars().filter(c -> c == '\n').count();
        int column = text.substring(begin, here.at()).getBytes(StandardCharsets.UTF_8).length;
        return new TemplateException(
                "template: output:" + line + ":" + column + ": executing \"output\" at <" + here + ">: " + message);
    }

    private Flow walk(Value dot, List<Node> nodes) {
        for (Node node : nodes) {
            Flow flow = walk(dot, node);
            if (flow != Flow.ON) {
                return flow;
            }
        }
        return Flow.ON;
    }

    private Flow walk(Value dot, Node node) {
        here = node;
        switch (node) {
            case Node.Text t -> out.append(t.text());
            case Node.Action a -> {
                Value value = pipe(dot, a.pipe());
                if (a.pipe().variables().isEmpty()) {
                    here = a;
                    out.append(value.shown());
                }
            }
            case Node.Branch b -> {
                return branch(dot, b);
            }
            case Node.Range r -> {
                return range(dot, r);
            }
            case Node.Leave l -> {
                return l.all() ? Flow.BREAK : Flow.CONTINUE;
            }
            default -> throw wrong("unknown node: " + node);
        }
        return Flow.ON;
    }

    private void forget(int known) {
        variables.subList(known, variables.size()).clear();
    }

    private Flow branch(Value dot, Node.Branch b) {
        int known = variables.size();
        Value value = pipe(dot, b.pipe());
        Flow flow = value.isTrue() ? walk(b.with() ? value : dot, b.body()) : walk(dot, b.otherwise());
        forget(known);
        return flow;
    }

    private Flow range(Value dot, Node.Range r) {
        int known = variables.size();
        Value over = pipe(dot, r.pipe());
        List<Value> keys = new ArrayList<>();
        List<Value> values = new ArrayList<>();
        switch (over.data()) {
            case null -> {}
            case List<?> l ->
                l.forEach(v -> {
                    keys.add(Value.of(keys.size()));
                    values.add(Value.boxed(v));
                });
            case Map<?, ?> m ->
                new TreeMap<>(m).forEach((k, v) -> {
                    keys.add(Value.of(k));
                    values.add(Value.boxed(v));
                });
            case Number n
            when !(n instanceof Double) -> {
                for (long i = 0; i < n.longValue(); i++) {
                    keys.add(Value.of(i));
                    values.add(Value.of(i));
                }
            }
            case Object o -> throw wrong("range can't iterate over " + GoText.of(o));
        }
        int inner = variables.size();
        for (int i = 0; i < values.size(); i++) {
            List<String> taking = r.pipe().variables();
            if (!taking.isEmpty()) {
                take(r.pipe(), taking.size() > 1 ? keys.get(i) : values.get(i), 0);
            }
            if (taking.size() > 1) {
                take(r.pipe(), values.get(i), 1);
            }
            Flow flow = walk(values.get(i), r.body());
            forget(inner);
            if (flow == Flow.BREAK) {
                break;
            }
        }
        Flow flow = values.isEmpty() ? walk(dot, r.otherwise()) : Flow.ON;
        forget(known);
        return flow;
    }

    private void take(Node.Pipe pipe, Value value, int which) {
        String name = pipe.variables().get(which);
        if (pipe.assign()) {
            assign(name, value);
        } else {
            variables.add(new Known(name, value));
        }
    }

    private void assign(String name, Value value) {
        variables.set(find(name), new Known(name, value));
    }

    private int find(String name) {
        for (int i = variables.size() - 1; i >= 0; i--) {
            if (variables.get(i).name().equals(name)) {
                return i;
            }
        }
        throw wrong("undefined variable: " + name);
    }

    private Value pipe(Value dot, Node.Pipe pipe) {
        here = pipe;
        Value value = Value.NONE;
        boolean first = true;
        for (Node.Command command : pipe.commands()) {
            value = command(dot, command, first ? null : value).open();
            first = false;
        }
        for (String name : pipe.variables()) {
            if (pipe.assign()) {
                assign(name, value);
            } else {
                variables.add(new Known(name, value));
            }
        }
        return value;
    }

    /** @param last what the command before came to; null where there is none */
    private Value command(Value dot, Node.Command command, @Nullable Value last) {
        Node first = command.words().getFirst();
        List<Node> rest = command.words().subList(1, command.words().size());
        boolean given = !rest.isEmpty() || last != null;
        switch (first) {
            case Node.Field f -> {
                here = f;
                return fields(dot, f.names(), given);
            }
            case Node.Chain c -> {
                return chain(dot, c, given);
            }
            case Node.Variable v
            when !v.fields().isEmpty() -> {
                here = v;
                return fields(variables.get(find(v.name())).value(), v.fields(), given);
            }
            case Node.Function f -> {
                return call(dot, f, command, rest, last);
            }
            default -> {
                if (!(first instanceof Node.Pipe)) {
                    here = first;
                }
                if (given) {
                    throw wrong("can't give argument to non-function " + first);
                }
            }
        }
        if (first instanceof Node.Literal l && l.value() == null) {
            throw wrong("nil is not a command");
        }
        return argument(dot, first);
    }

    private Value chain(Value dot, Node.Chain c, boolean given) {
        here = c;
        if (c.of() instanceof Node.Literal) {
            throw wrong("indirection through explicit nil in " + c);
        }
        return fields(argument(dot, c.of()), c.fields(), given);
    }

    /** @param given whether arguments are, which no field takes */
    private Value fields(Value of, List<String> names, boolean given) {
        Value value = of;
        for (int i = 0; i < names.size(); i++) {
            value = field(value, names.get(i), given && i == names.size() - 1);
        }
        return value;
    }

    private Value field(Value of, String name, boolean given) {
        if (!of.is()) {
            return Value.NONE;
        }
        if (of.data() == null) {
            throw wrong("nil pointer evaluating " + of.type() + "." + name);
        }
        if (!(of.data() instanceof Map<?, ?> m)) {
            throw wrong("can't evaluate field " + name + " in type " + of.type());
        }
        if (given) {
            throw wrong(name + " is not a method but has arguments");
        }
        return m.containsKey(name) ? Value.boxed(m.get(name)) : Value.NONE;
    }

    private Value argument(Value dot, Node node) {
        here = node;
        return switch (node) {
            case Node.Dot d -> dot;
            case Node.Literal l -> l.value() == null ? Value.NONE : Value.of(l.value());
            case Node.Field f -> fields(dot, f.names(), false);
            case Node.Variable v -> fields(variables.get(find(v.name())).value(), v.fields(), false);
            case Node.Pipe p -> pipe(dot, p);
            case Node.Chain c -> chain(dot, c, false);
            case Node.Function f -> call(dot, f, f, List.of(), null);
            default -> throw wrong("can't handle " + node);
        };
    }

    /** For a function that takes a text. */
    private Value textArgument(Value dot, Node node) {
        Value value = argument(dot, node);
        if (node instanceof Node.Literal l && !(l.value() instanceof String)) {
            throw wrong(l.value() == null ? "cannot assign nil to string" : "expected string; found " + node);
        }
        return text(value);
    }

    private Value text(Value value) {
        if (!value.is()) {
            throw wrong("invalid value; expected string");
        }
        if (!(value.data() instanceof String)) {
            throw wrong("wrong type for value; expected string; got "
                    + (value.data() == null ? value.type() : GoText.type(value.data())));
        }
        return value;
    }

    /** @param whole what messages show */
    private Value call(Value dot, Node.Function named, Node whole, List<Node> rest, @Nullable Value last) {
        here = named;
        String name = named.name();
        Functions.Function function = Functions.named(name);
        int count = rest.size() + (last == null ? 0 : 1);
        if (count < function.least() || count > function.least() && !function.more()) {
            throw wrong("wrong number of args for " + name + ": want " + (function.more() ? "at least " : "")
                    + function.least() + " got " + count);
        }
        List<Value> arguments = new ArrayList<>();
        for (Node node : rest) {
            boolean text = function.text() && arguments.isEmpty();
            Value value = text ? textArgument(dot, node) : argument(dot, node);
            boolean decided = name.equals("or") && value.isTrue() || name.equals("and") && !value.isTrue();
            if (decided) {
                return value;
            }
            arguments.add(value);
        }
        if (last != null) {
            arguments.add(function.text() && arguments.isEmpty() ? text(last) : last);
        }
        try {
            return function.body().of(arguments);
        } catch (TemplateException e) {
            here = whole;
            throw wrong("error calling " + name + ": " + e.getMessage());
        }
    }
}
