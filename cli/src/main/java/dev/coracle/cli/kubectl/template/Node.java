package dev.coracle.cli.kubectl.template;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a template is made of. As text it is what messages show of it. */
sealed interface Node {
    /** Where it stands in the template. */
    int at();

    record Text(String text, int at) implements Node {}

    /** {@code {{pipe}}}. */
    record Action(Pipe pipe, int at) implements Node {
        @Override
        public String toString() {
            return "{{" + pipe + "}}";
        }
    }

    /** {@code if}, {@code with}. @param otherwise after {@code else}; empty where there is none */
    record Branch(boolean with, Pipe pipe, List<Node> body, List<Node> otherwise, int at) implements Node {}

    record Range(Pipe pipe, List<Node> body, List<Node> otherwise, int at) implements Node {}

    /** {@code break}, or {@code continue}. */
    record Leave(boolean all, int at) implements Node {}

    /**
     * Commands, each of which gets the result of the one before as its last argument.
     *
     * @param variables what takes the last result
     * @param assign whether they are there already
     */
    record Pipe(List<String> variables, boolean assign, List<Command> commands, int at) implements Node {
        @Override
        public String toString() {
            return (variables.isEmpty() ? "" : String.join(", ", variables) + (assign ? " = " : " := "))
                    + commands.stream().map(Node::toString).collect(Collectors.joining(" | "));
        }
    }

    /** The first of the words says what is done. */
    record Command(List<Node> words, int at) implements Node {
        @Override
        public String toString() {
            return words.stream()
                    .map(w -> w instanceof Pipe ? "(" + w + ")" : w.toString())
                    .collect(Collectors.joining(" "));
        }
    }

    /** {@code .a.b} of the dot. */
    record Field(List<String> names, int at) implements Node {
        @Override
        public String toString() {
            return "." + String.join(".", names);
        }
    }

    /** {@code $x.a.b}. */
    record Variable(String name, List<String> fields, int at) implements Node {
        @Override
        public String toString() {
            return name + fields.stream().map(f -> "." + f).collect(Collectors.joining());
        }
    }

    /** {@code (pipe).a.b}. */
    record Chain(Node of, List<String> fields, int at) implements Node {
        @Override
        public String toString() {
            return (of instanceof Pipe ? "(" + of + ")" : of.toString())
                    + fields.stream().map(f -> "." + f).collect(Collectors.joining());
        }
    }

    record Function(String name, int at) implements Node {
        @Override
        public String toString() {
            return name;
        }
    }

    record Dot(int at) implements Node {
        @Override
        public String toString() {
            return ".";
        }
    }

    /** A number, a text, a truth or nothing. @param text as it was written */
    record Literal(@Nullable Object value, String text, int at) implements Node {
        @Override
        public String toString() {
            return text;
        }
    }
}
