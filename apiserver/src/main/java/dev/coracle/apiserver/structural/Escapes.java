package dev.coracle.apiserver.structural;

import java.util.Optional;
import java.util.Set;

/** Names of fields as expressions have them: {@code a-b} is {@code a__dash__b}, {@code for} is {@code __for__}. */
public final class Escapes {
    private static final Set<String> RESERVED = Set.of(
            "true",
            "false",
            "null",
            "in",
            "as",
            "break",
            "const",
            "continue",
            "else",
            "for",
            "function",
            "if",
            "import",
            "let",
            "loop",
            "package",
            "namespace",
            "return",
            "var",
            "void",
            "while");

    private Escapes() {}

    /** Empty for a name that no expression can say. */
    public static Optional<String> escape(String name) {
        if (RESERVED.contains(name)) {
            return Optional.of("__" + name + "__");
        }
        if (!name.matches("[a-zA-Z_.\\-/][a-zA-Z0-9_.\\-/]*")) {
            return Optional.empty();
        }
        return Optional.of(name.replace("__", "__underscores__")
                .replace(".", "__dot__")
                .replace("-", "__dash__")
                .replace("/", "__slash__"));
    }
}
