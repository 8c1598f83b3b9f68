package dev.coracle.cli.kubectl.template;

/**
 * A word of a template.
 *
 * @param at where it begins in the text
 * @param line from 1
 */
record Token(Kind kind, String text, int at, int line) {
    enum Kind {
        TEXT,
        LEFT,
        RIGHT,
        /** {@code .name}. */
        FIELD,
        /** {@code $name}. */
        VARIABLE,
        /** A function. */
        NAME,
        KEYWORD,
        DOT,
        NIL,
        BOOL,
        NUMBER,
        CHARACTER,
        STRING,
        RAW_STRING,
        PIPE,
        OPEN,
        CLOSE,
        DECLARE,
        ASSIGN,
        /** Any other sign. */
        SIGN,
        SPACE,
        /** The text says what is wrong. */
        ERROR,
        END
    }

    boolean is(Kind other) {
        return kind == other;
    }

    boolean isKeyword(String word) {
        return kind == Kind.KEYWORD && text.equals(word);
    }

    /** As messages show it. */
    String shown() {
        return switch (kind) {
            case END -> "EOF";
            case ERROR -> text;
            case KEYWORD, NIL, DOT -> "<" + text + ">";
            default -> text.length() > 10 ? GoText.quote(text.substring(0, 10)) + "..." : GoText.quote(text);
        };
    }
}
