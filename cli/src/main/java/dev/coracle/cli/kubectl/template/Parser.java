package dev.coracle.cli.kubectl.template;

import dev.coracle.cli.kubectl.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the tree. Complains in Go's words: {@code template: output:1: unexpected EOF}. */
final class Parser {
    private static final Set<Kind> OPERANDS = Set.of(
            Kind.BOOL,
            Kind.CHARACTER,
            Kind.DOT,
            Kind.FIELD,
            Kind.NAME,
            Kind.NUMBER,
            Kind.NIL,
            Kind.RAW_STRING,
            Kind.STRING,
            Kind.VARIABLE,
            Kind.OPEN);

    /** What ended a list: {@code end}, {@code else}, or {@code ""} for the template's own end. */
    private record Body(List<Node> nodes, String end) {}

    private final List<Token> tokens;
    private final List<String> variables = new ArrayList<>(List.of("$"));
    private int next;
    private int ranges;

    private Parser(List<Token> tokens) {
        this.tokens = tokens;
    }

    static List<Node> parse(String text) {
        Parser parser = new Parser(Lexer.tokens(text));
        Body body = parser.body();
        if (!body.end.isEmpty()) {
            throw parser.wrong("unexpected {{" + body.end + "}}");
        }
        return body.nodes;
    }

    private TemplateException wrong(String message) {
        int line = tokens.get(Math.max(0, Math.min(next, tokens.size()) - 1)).line();
        return new TemplateException("template: output:" + line + ": " + message);
    }

    private TemplateException unexpected(Token token, String where) {
        return wrong(token.is(Kind.ERROR) ? token.text() : "unexpected " + token.shown() + " in " + where);
    }

    /** The last one again and again, once it is reached. */
    private Token take() {
        Token token = tokens.get(Math.min(next, tokens.size() - 1));
        next++;
        return token;
    }

    private Token peek() {
        return tokens.get(Math.min(next, tokens.size() - 1));
    }

    private Token takeWord() {
        skipSpace();
        return take();
    }

    private Token peekWord() {
        skipSpace();
        return peek();
    }

    private void skipSpace() {
        while (peek().is(Kind.SPACE)) {
            next++;
        }
    }

    private Body body() {
        List<Node> nodes = new ArrayList<>();
        while (true) {
            Token token = take();
            switch (token.kind()) {
                case END -> {
                    return new Body(nodes, "");
                }
                case TEXT -> nodes.add(new Node.Text(token.text(), token.at()));
                case LEFT -> {
                    if (peekWord().isKeyword("end") || peekWord().isKeyword("else")) {
                        String end = takeWord().text();
                        if (end.equals("end") || !elseIf()) {
                            right(end);
                        }
                        return new Body(nodes, end);
                    }
                    nodes.add(action());
                }
                default -> throw unexpected(token, "input");
            }
        }
    }

    /** Whether {@code if} or {@code with} follows the {@code else}. */
    private boolean elseIf() {
        return peekWord().isKeyword("if") || peekWord().isKeyword("with");
    }

    private void right(String where) {
        Token token = takeWord();
        if (!token.is(Kind.RIGHT)) {
            throw unexpected(token, where);
        }
    }

    private Node action() {
        Token token = takeWord();
        if (token.is(Kind.KEYWORD)) {
            return switch (token.text()) {
                case "if", "with" -> branch(token);
                case "range" -> range(token);
                case "break", "continue" -> leave(token);
                default -> throw wrong("{{" + token.text() + "}} is not supported by this client");
            };
        }
        next--;
        int at = peekWord().at();
        return new Node.Action(pipe("command", Kind.RIGHT), at);
    }

    private Node leave(Token token) {
        String shown = "{{" + token.text() + "}}";
        Token after = takeWord();
        if (!after.is(Kind.RIGHT)) {
            throw unexpected(after, shown);
        }
        if (ranges == 0) {
            throw wrong(shown + " outside {{range}}");
        }
        return new Node.Leave(token.text().equals("break"), token.at());
    }

    private Node branch(Token token) {
        int known = variables.size();
        Node.Pipe pipe = pipe(token.text(), Kind.RIGHT);
        Body body = inner();
        List<Node> otherwise = otherwise(body, token.text());
        forget(known);
        return new Node.Branch(token.text().equals("with"), pipe, body.nodes, otherwise, pipe.at());
    }

    private Node range(Token token) {
        int known = variables.size();
        Node.Pipe pipe = pipe("range", Kind.RIGHT);
        ranges++;
        Body body = inner();
        ranges--;
        List<Node> otherwise = otherwise(body, "range");
        forget(known);
        return new Node.Range(pipe, body.nodes, otherwise, token.at());
    }

    private Body inner() {
        Body body = body();
        if (body.end.isEmpty()) {
            throw wrong("unexpected EOF");
        }
        return body;
    }

    private List<Node> otherwise(Body body, String of) {
        if (body.end.equals("end")) {
            return List.of();
        }
        if (elseIf()) {
            Token token = takeWord();
            if (!token.text().equals(of)) {
                throw unexpected(token, "input");
            }
            // One end is the end of both.
            return List.of(branch(token));
        }
        Body other = inner();
        if (!other.end.equals("end")) {
            throw wrong("expected end; found {{else}}");
        }
        return other.nodes;
    }

    private void forget(int known) {
        variables.subList(known, variables.size()).clear();
    }

    private Node.Pipe pipe(String where, Kind end) {
        int at = peekWord().at();
        List<String> taking = new ArrayList<>();
        boolean assign = declaration(where, taking);
        List<Node.Command> commands = new ArrayList<>();
        while (true) {
            Token token = takeWord();
            if (token.is(end)) {
                check(commands, where);
                return new Node.Pipe(taking, assign, commands, at);
            }
            if (!OPERANDS.contains(token.kind())) {
                throw unexpected(token, where);
            }
            next--;
            commands.add(command());
        }
    }

    /** {@code $x :=}, {@code $x =}, {@code $i, $x :=}. @return whether the variables are there already */
    private boolean declaration(String where, List<String> taking) {
        while (peekWord().is(Kind.VARIABLE)) {
            int before = next;
            String name = takeWord().text();
            Token sign = peekWord();
            if (sign.is(Kind.DECLARE) || sign.is(Kind.ASSIGN)) {
                takeWord();
                taking.add(name);
                variables.addAll(taking);
                return sign.is(Kind.ASSIGN);
            }
            if (!sign.is(Kind.SIGN) || !sign.text().equals(",")) {
                next = before;
                return false;
            }
            takeWord();
            taking.add(name);
            if (!where.equals("range") || taking.size() > 1) {
                throw wrong("too many declarations in " + where);
            }
            if (!peekWord().is(Kind.VARIABLE)) {
                throw wrong("range can only initialize variables");
            }
        }
        return false;
    }

    private void check(List<Node.Command> commands, String where) {
        if (commands.isEmpty()) {
            throw wrong("missing value for " + where);
        }
        for (int i = 1; i < commands.size(); i++) {
            Node first = commands.get(i).words().getFirst();
            if (first instanceof Node.Literal || first instanceof Node.Dot) {
                throw wrong("non executable command in pipeline stage " + (i + 1));
            }
        }
    }

    private Node.Command command() {
        int at = peekWord().at();
        List<Node> words = new ArrayList<>();
        while (true) {
            skipSpace();
            Node operand = operand();
            if (operand != null) {
                words.add(operand);
            }
            Token token = take();
            if (token.is(Kind.SPACE)) {
                continue;
            }
            if (token.is(Kind.RIGHT) || token.is(Kind.CLOSE)) {
                next--;
            } else if (!token.is(Kind.PIPE)) {
                throw unexpected(token, "operand");
            }
            if (words.isEmpty()) {
                throw wrong("empty command");
            }
            return new Node.Command(words, at);
        }
    }

    /** A term, and fields of it. */
    private @Nullable Node operand() {
        Node term = term();
        if (term == null || !peek().is(Kind.FIELD)) {
            return term;
        }
        int at = peek().at();
        List<String> fields = new ArrayList<>();
        while (peek().is(Kind.FIELD)) {
            fields.add(take().text().substring(1));
        }
        return switch (term) {
            case Node.Field f -> {
                List<String> names = new ArrayList<>(f.names());
                names.addAll(fields);
                yield new Node.Field(names, at);
            }
            case Node.Variable v -> new Node.Variable(v.name(), fields, at);
            case Node.Literal l -> throw wrong("unexpected . after term " + GoText.quote(l.text()));
            case Node.Dot d -> throw wrong("unexpected . after term \".\"");
            default -> new Node.Chain(term, fields, at);
        };
    }

    private @Nullable Node term() {
        Token token = takeWord();
        String text = token.text();
        int at = token.at();
        return switch (token.kind()) {
            case NAME -> {
                if (!Functions.isOne(text)) {
                    throw wrong("function " + GoText.quote(text) + " not defined");
                }
                yield new Node.Function(text, at);
            }
            case DOT -> new Node.Dot(at);
            case NIL -> new Node.Literal(null, text, at);
            case VARIABLE -> {
                if (!variables.contains(text)) {
                    throw wrong("undefined variable " + GoText.quote(text));
                }
                yield new Node.Variable(text, List.of(), at);
            }
            case FIELD -> new Node.Field(List.of(text.substring(1)), at);
            case BOOL -> new Node.Literal(text.equals("true"), text, at);
            case NUMBER -> new Node.Literal(Literals.number(text).orElseThrow(), text, at);
            case CHARACTER -> {
                String c = Literals.unquote(text);
                if (c == null || c.codePointCount(0, c.length()) != 1) {
                    throw wrong("malformed character constant: " + text);
                }
                yield new Node.Literal(c.codePointAt(0), text, at);
            }
            case STRING, RAW_STRING -> {
                String value = Literals.unquote(text);
                if (value == null) {
                    throw wrong("invalid syntax");
                }
                yield new Node.Literal(value, text, at);
            }
            case OPEN -> pipe("parenthesized pipeline", Kind.CLOSE);
            default -> {
                next--;
                yield null;
            }
        };
    }
}
