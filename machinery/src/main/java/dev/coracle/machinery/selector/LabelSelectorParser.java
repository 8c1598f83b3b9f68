package dev.coracle.machinery.selector;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads {@code app=web,tier notin (a,b),!old,size>3} as upstream's {@code labels.Parse} does, and says what it expected in
 * the same words. One token of look-ahead; a word counts as {@code in} or {@code notin} only where an operator may stand.
 */
final class LabelSelectorParser {
    private static final String SPECIAL = "=!(),><";
    private static final Set<String> OPERATORS = Set.of("in", "notin", "=", "==", "!=", ">", "<");

    /** A token; {@code ""} is the end of the text. */
    private record Token(String text, boolean word) {
        boolean is(String other) {
            return !word && text.equals(other);
        }
    }

    private final List<Token> tokens;
    private int at;

    private LabelSelectorParser(List<Token> tokens) {
        this.tokens = tokens;
    }

    /** @throws IllegalArgumentException when the text is no selector */
    static List<LabelSelector.Requirement> parse(String text) {
        return new LabelSelectorParser(scan(text)).requirements();
    }

    private static List<Token> scan(String text) {
        List<Token> tokens = new ArrayList<>();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            int end = i + 1;
            if (Character.isWhitespace(c)) {
                i++;
                continue;
            }
            if (SPECIAL.indexOf(c) >= 0) {
                // The longest that is a token: "==" and "!=", else the one character.
                if ((c == '=' || c == '!') && end < text.length() && text.charAt(end) == '=') {
                    end++;
                }
                tokens.add(new Token(text.substring(i, end), false));
            } else {
                while (end < text.length()
                        && SPECIAL.indexOf(text.charAt(end)) < 0
                        && !Character.isWhitespace(text.charAt(end))) {
                    end++;
                }
                tokens.add(new Token(text.substring(i, end), true));
            }
            i = end;
        }
        tokens.add(new Token("", false));
        return tokens;
    }

    private Token look() {
        return tokens.get(at);
    }

    private Token take() {
        Token t = look();
        if (at < tokens.size() - 1) {
            at++;
        }
        return t;
    }

    private static IllegalArgumentException unexpected(Token found, String expected) {
        return new IllegalArgumentException("found '" + found.text() + "', expected: " + expected);
    }

    private List<LabelSelector.Requirement> requirements() {
        List<LabelSelector.Requirement> list = new ArrayList<>();
        if (look().is("")) {
            return list;
        }
        if (!look().word() && !look().is("!")) {
            throw unexpected(look(), "!, identifier, or 'end of string'");
        }
        while (true) {
            list.add(requirement());
            Token next = take();
            if (next.is("")) {
                return list;
            }
            if (!next.is(",")) {
                throw unexpected(next, "',' or 'end of string'");
            }
            if (!look().word() && !look().is("!")) {
                throw unexpected(look(), "identifier after ','");
            }
        }
    }

    private LabelSelector.Requirement requirement() {
        try {
            boolean absent = look().is("!");
            if (absent) {
                take();
            }
            Token key = take();
            if (!key.word()) {
                throw unexpected(key, "identifier");
            }
            if (absent) {
                return new LabelSelector.Requirement(key.text(), LabelSelector.Operator.DOES_NOT_EXIST, Set.of());
            }
            if (look().is("") || look().is(",")) {
                return new LabelSelector.Requirement(key.text(), LabelSelector.Operator.EXISTS, Set.of());
            }
            return compared(key.text());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("unable to parse requirement: " + e.getMessage());
        }
    }

    private LabelSelector.Requirement compared(String key) {
        Token operator = take();
        if (!OPERATORS.contains(operator.text())) {
            throw unexpected(operator, "in, notin, =, ==, !=, gt, lt");
        }
        return switch (operator.text()) {
            case "in" -> new LabelSelector.Requirement(key, LabelSelector.Operator.IN, values());
            case "notin" -> new LabelSelector.Requirement(key, LabelSelector.Operator.NOT_IN, values());
            case "!=" -> new LabelSelector.Requirement(key, LabelSelector.Operator.NOT_IN, Set.of(value()));
            case ">" -> number(key, LabelSelector.Operator.GREATER);
            case "<" -> number(key, LabelSelector.Operator.LESS);
            default -> new LabelSelector.Requirement(key, LabelSelector.Operator.IN, Set.of(value()));
        };
    }

    private LabelSelector.Requirement number(String key, LabelSelector.Operator operator) {
        String value = value();
        try {
            Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("values[0][" + key + "]: Invalid value: \"" + value
                    + "\": for 'Gt', 'Lt' operators, the value must be an integer");
        }
        return new LabelSelector.Requirement(key, operator, Set.of(value));
    }

    private String value() {
        if (look().is("") || look().is(",")) {
            return "";
        }
        Token value = take();
        if (!value.word()) {
            throw unexpected(value, "identifier");
        }
        return value.text();
    }

    /** {@code (a, b)}; {@code (a,)} has an empty one. */
    private Set<String> values() {
        Token open = take();
        if (!open.is("(")) {
            throw new IllegalArgumentException("found '" + open.text() + "' expected: '('");
        }
        if (look().is(")")) {
            throw new IllegalArgumentException(
                    "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty");
        }
        Set<String> values = new LinkedHashSet<>();
        while (true) {
            values.add(look().word() ? take().text() : "");
            Token next = take();
            if (next.is(")")) {
                return values;
            }
            if (!next.is(",")) {
                throw unexpected(next, "',' or ')'");
            }
        }
    }
}
