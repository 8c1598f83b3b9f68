package dev.coracle.cli.kubectl.template;

import java.math.BigInteger;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What Go's literals stand for. */
final class Literals {
    private Literals() {}

    /** A {@code Double} where it is written as one, or Go's {@code int}: an {@code Integer}, or a {@code Long} if it must. */
    static Optional<Number> number(String word) {
        String sign = word.startsWith("-") ? "-" : "";
        String plain = word.replaceFirst("^[+-]", "");
        try {
            String digits = plain.replace("_", "");
            if (plain.matches("0[xX][0-9a-fA-F_]+")) {
                return integer(sign + digits.substring(2), 16);
            }
            if (plain.matches("0[oO][0-7_]+")) {
                return integer(sign + digits.substring(2), 8);
            }
            if (plain.matches("0[bB][01_]+")) {
                return integer(sign + digits.substring(2), 2);
            }
            if (plain.matches("0[0-7_]+")) {
                return integer(sign + digits, 8);
            }
            if (plain.matches("[0-9][0-9_]*")) {
                return integer(sign + digits, 10);
            }
            return plain.matches("([0-9][0-9_]*)?\\.?[0-9_]*([eE][+-]?[0-9]+)?")
                    ? Optional.of(Double.parseDouble(sign + digits))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<Number> integer(String digits, int radix) {
        BigInteger value = new BigInteger(digits, radix);
        if (value.bitLength() < Integer.SIZE) {
            return Optional.of(value.intValue());
        }
        return value.bitLength() < Long.SIZE ? Optional.of(value.longValue()) : Optional.empty();
    }

    /** What a quoted text says; null where an escape is none. */
    static @Nullable String unquote(String quoted) {
        String inner = quoted.substring(1, quoted.length() - 1);
        if (quoted.startsWith("`")) {
            return inner;
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < inner.length(); i++) {
            char c = inner.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char kind = ++i < inner.length() ? inner.charAt(i) : ' ';
            int simple = "abfnrtv\\\"'".indexOf(kind);
            int length = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
            if (simple >= 0) {
                out.append("\u0007\b\f\n\r\t\u000b\\\"'".charAt(simple));
            } else if (length > 0 && inner.substring(i + 1).matches("(?s)[0-9a-fA-F]{" + length + "}.*")) {
                long point = Long.parseLong(inner.substring(i + 1, i + 1 + length), 16);
                if (!Character.isValidCodePoint((int) Math.min(point, Integer.MAX_VALUE))) {
                    return null;
                }
                out.appendCodePoint((int) point);
                i += length;
            } else if (inner.substring(i).matches("(?s)[0-3][0-7]{2}.*")) {
                out.append((char) Integer.parseInt(inner.substring(i, i + 3), 8));
                i += 2;
            } else {
                return null;
            }
        }
        return out.toString();
    }
}
