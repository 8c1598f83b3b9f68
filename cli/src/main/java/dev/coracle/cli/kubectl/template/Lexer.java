package dev.coracle.cli.kubectl.template;

import dev.coracle.cli.kubectl.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Cuts a template into tokens. The last one is {@code END} or {@code ERROR}. */
final class Lexer {
    private static final Set<String> KEYWORDS =
            Set.of("block", "break", "continue", "define", "else", "end", "if", "range", "template", "with");

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private int depth;

    private Lexer(String text) {
        this.text = text;
    }

    static List<Token> tokens(String text) {
        Lexer lexer = new Lexer(text);
        boolean more = true;
        while (more) {
            more = lexer.text();
        }
        return lexer.tokens;
    }

    private void add(Kind kind, int from) {
        String piece = text.substring(from, at);
        tokens.add(new Token(kind, piece, from, line));
        line += (int) piece.chars().filter(c -> c == '\n').count();
    }

    private boolean wrong(String message) {
        tokens.add(new Token(Kind.ERROR, message, at, line));
        return false;
    }

    private boolean follows(String what) {
        return text.startsWith(what, at);
    }

    private static boolean isSpace(int c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    private int peek() {
        return at < text.length() ? text.charAt(at) : -1;
    }

    /** Whether a minus that trims what stands before comes next, as in {@code {{- x}}}. */
    private boolean trimsBefore(int from) {
        return from + 1 < text.length() && text.charAt(from) == '-' && isSpace(text.charAt(from + 1));
    }

    /** Whether the action ends here with a minus that trims what follows: {@code -}}} after a space. */
    private boolean trimsAfter() {
        return at < text.length() && isSpace(peek()) && text.startsWith("-}}", at + 1);
    }

    /** What stands outside of actions, and the action that follows. @return whether there is more */
    private boolean text() {
        int from = at;
        int left = text.indexOf("{{", at);
        int end = left < 0 ? text.length() : left;
        boolean trim = left >= 0 && trimsBefore(left + 2);
        at = end;
        if (trim) {
            while (at > from && isSpace(text.charAt(at - 1))) {
                at--;
            }
        }
        if (at > from) {
            add(Kind.TEXT, from);
        }
        skip(end);
        if (left < 0) {
            tokens.add(new Token(Kind.END, "", at, line));
            return false;
        }
        if (text.startsWith("/*", end + (trim ? 4 : 2))) {
            skip(end + (trim ? 4 : 2));
            return comment();
        }
        at += 2;
        add(Kind.LEFT, end);
        if (trim) {
            skip(at + 2);
        }
        depth = 0;
        while (at < text.length()) {
            if (follows("}}") || trimsAfter()) {
                return right();
            }
            if (!inside()) {
                return false;
            }
        }
        return wrong("unclosed action");
    }

    private void skip(int to) {
        line += (int) text.substring(at, to).chars().filter(c -> c == '\n').count();
        at = to;
    }

    private void skipSpace() {
        int to = at;
        while (to < text.length() && isSpace(text.charAt(to))) {
            to++;
        }
        skip(to);
    }

    private boolean comment() {
        int end = text.indexOf("*/", at);
        if (end < 0) {
            return wrong("unclosed comment");
        }
        skip(end + 2);
        boolean trim = trimsAfter();
        if (!trim && !follows("}}")) {
            return wrong("comment ends before closing delimiter");
        }
        skip(at + (trim ? 4 : 2));
        if (trim) {
            skipSpace();
        }
        return true;
    }

    private boolean right() {
        if (depth > 0) {
            return wrong("unclosed left paren");
        }
        boolean trim = trimsAfter();
        if (trim) {
            skip(at + 2);
        }
        int from = at;
        at += 2;
        add(Kind.RIGHT, from);
        if (trim) {
            skipSpace();
        }
        return true;
    }

    /** One token of an action. @return whether it is one */
    private boolean inside() {
        int from = at;
        char c = text.charAt(at++);
        char next = at < text.length() ? text.charAt(at) : ' ';
        switch (c) {
            case ' ', '\t', '\r', '\n' -> {
                while (isSpace(peek()) && !trimsAfter()) {
                    at++;
                }
                add(Kind.SPACE, from);
            }
            case ':' -> {
                if (next != '=') {
                    return wrong("expected :=");
                }
                at++;
                add(Kind.DECLARE, from);
            }
            case '=' -> add(Kind.ASSIGN, from);
            case '|' -> add(Kind.PIPE, from);
            case '(' -> {
                depth++;
                add(Kind.OPEN, from);
            }
            case ')' -> {
                if (--depth < 0) {
                    return wrong("unexpected right paren");
                }
                add(Kind.CLOSE, from);
            }
            case '"' -> {
                return quoted(from, '"', Kind.STRING, "unterminated quoted string");
            }
            case '\'' -> {
                return quoted(from, '\'', Kind.CHARACTER, "unterminated character constant");
            }
            case '`' -> {
                return quoted(from, '`', Kind.RAW_STRING, "unterminated raw quoted string");
            }
            case '$' -> {
                return named(from, Kind.VARIABLE);
            }
            default -> {
                return word(from, c, next);
            }
        }
        return true;
    }

    private boolean word(int from, char c, char next) {
        if (c == '.' && !digit(next)) {
            boolean alone = !Character.isLetterOrDigit(next) && next != '_';
            return alone ? terminated(from, Kind.DOT) : named(from, Kind.FIELD);
        }
        if (digit(c) || (c == '+' || c == '-' || c == '.') && (digit(next) || next == '.')) {
            return number(from);
        }
        if (Character.isLetter(c) || c == '_') {
            while (Character.isLetterOrDigit(peek()) || peek() == '_') {
                at++;
            }
            String word = text.substring(from, at);
            return terminated(
                    from,
                    KEYWORDS.contains(word)
                            ? Kind.KEYWORD
                            : word.equals("nil") ? Kind.NIL : word.matches("true|false") ? Kind.BOOL : Kind.NAME);
        }
        if (c > ' ' && c < 0x7f) {
            add(Kind.SIGN, from);
            return true;
        }
        return wrong("unrecognized character in action: " + unicode(c));
    }

    private static boolean digit(char c) {
        return c >= '0' && c <= '9';
    }

    /** What follows the dot of a field, or the dollar of a variable. */
    private boolean named(int from, Kind kind) {
        while (Character.isLetterOrDigit(peek()) || peek() == '_') {
            at++;
        }
        return terminated(from, kind);
    }

    private boolean terminated(int from, Kind kind) {
        int c = peek();
        if (c >= 0 && !isSpace(c) && ".,|:)(".indexOf(c) < 0 && !follows("}}")) {
            return wrong("bad character " + unicode(c));
        }
        add(kind, from);
        return true;
    }

    private static String unicode(int c) {
        return "U+%04X".formatted(c) + (c > ' ' ? " '" + (char) c + "'" : "");
    }

    private boolean number(int from) {
        while (Character.isLetterOrDigit(peek())
                || peek() == '.'
                || peek() == '_'
                || (peek() == '-' || peek() == '+') && "eEpP".indexOf(text.charAt(at - 1)) >= 0) {
            at++;
        }
        String word = text.substring(from, at);
        if (Literals.number(word).isEmpty()) {
            return wrong("bad number syntax: " + GoText.quote(word));
        }
        add(Kind.NUMBER, from);
        return true;
    }

    private boolean quoted(int from, char quote, Kind kind, String otherwise) {
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '\\' && quote != '`' && at < text.length() && text.charAt(at) != '\n') {
                at++;
            } else if (c == '\n' && quote != '`') {
                return wrong(otherwise);
            } else if (c == quote) {
                add(kind, from);
                return true;
            }
        }
        return wrong(otherwise);
    }
}
