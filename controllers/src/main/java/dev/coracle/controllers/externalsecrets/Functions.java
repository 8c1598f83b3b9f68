package dev.coracle.controllers.externalsecrets;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What templates call. Text is Go's, bytes: each character of a string here is one of them (Latin-1), so that a key in DER
 * comes through unharmed. Nothing grows beyond what a Secret may hold, whatever is asked for.
 */
final class Functions {
    static final int MOST = 1024 * 1024;

    private Functions() {}

    /** @throws IllegalArgumentException without the values, for they are secret */
    static @Nullable Object call(String name, List<@Nullable Object> args) {
        return switch (name) {
            case "b64enc" -> latin(Base64.getEncoder().encode(bytes(one(name, args))));
            case "b64dec" -> decode(one(name, args));
            case "toJson" -> escaped(Document.json(json(value(name, args))));
            case "toRawJson" -> fromUtf8(Document.json(json(value(name, args))));
            case "fromJson" -> parsed(one(name, args));
            case "toString" -> text(value(name, args));
            case "quote" -> Quoted.of(utf8(one(name, args)));
            case "squote" -> "'" + one(name, args) + "'";
            case "upper" -> fromUtf8(utf8(one(name, args)).toUpperCase(Locale.ROOT));
            case "lower" -> fromUtf8(utf8(one(name, args)).toLowerCase(Locale.ROOT));
            case "trim" -> trimmed(one(name, args), " \t\n\u000b\f\r");
            case "trimAll" -> trimmed(text(args(name, args, 2).get(1)), text(args.get(0)));
            case "trimPrefix" -> {
                String s = text(args(name, args, 2).get(1));
                String prefix = text(args.get(0));
                yield s.startsWith(prefix) ? s.substring(prefix.length()) : s;
            }
            case "trimSuffix" -> {
                String s = text(args(name, args, 2).get(1));
                String suffix = text(args.get(0));
                yield s.endsWith(suffix) ? s.substring(0, s.length() - suffix.length()) : s;
            }
            case "replace" -> replaced(text(args(name, args, 3).get(2)), text(args.get(0)), text(args.get(1)));
            case "default" -> isEmpty(args(name, args, 2).get(1)) ? args.get(0) : args.get(1);
            case "indent" -> indented(text(args(name, args, 2).get(1)), args.get(0));
            case "nindent" -> "\n" + indented(text(args(name, args, 2).get(1)), args.get(0));
            case "sha256sum" -> sha256(one(name, args));
            case "urlquery" -> URLEncoder.encode(utf8(one(name, args)), StandardCharsets.UTF_8);
            case "index" -> index(args);
            default -> throw new IllegalArgumentException("function \"" + name + "\" not defined");
        };
    }

    private static List<@Nullable Object> args(String name, List<@Nullable Object> args, int want) {
        if (args.size() != want) {
            throw new IllegalArgumentException(
                    "wrong number of args for " + name + ": want " + want + " got " + args.size());
        }
        return args;
    }

    private static @Nullable Object value(String name, List<@Nullable Object> args) {
        return args(name, args, 1).getFirst();
    }

    private static String one(String name, List<@Nullable Object> args) {
        return text(value(name, args));
    }

    /** As it is printed. */
    static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "<no value>";
            case String s -> s;
            case Document.Digits d -> d.text();
            case Long l -> l.toString();
            case Boolean b -> b.toString();
            default -> throw new IllegalArgumentException("an object or a list is no text: use toJson");
        };
    }

    static byte[] bytes(String latin) {
        return latin.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String utf8(String latin) {
        return new String(bytes(latin), StandardCharsets.UTF_8);
    }

    static String fromUtf8(String text) {
        return latin(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decode(String text) {
        try {
            String joined = text.replaceAll("[\r\n]", "");
            if (joined.length() % 4 == 0) {
                return latin(Base64.getDecoder().decode(bytes(joined)));
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new IllegalArgumentException("b64dec: illegal base64 data");
    }

    private static String trimmed(String s, String cutset) {
        int start = 0;
        int end = s.length();
        while (start < end && cutset.indexOf(s.charAt(start)) >= 0) {
            start++;
        }
        while (end > start && cutset.indexOf(s.charAt(end - 1)) >= 0) {
            end--;
        }
        return s.substring(start, end);
    }

    private static String replaced(String s, String before, String after) {
        long times = 0;
        if (before.isEmpty()) {
            times = s.length() + 1L;
        } else {
            for (int at = s.indexOf(before); at >= 0; at = s.indexOf(before, at + before.length())) {
                times++;
            }
        }
        bounded(s.length() + times * (after.length() - before.length()));
        return s.replace(before, after);
    }

    private static String indented(String s, @Nullable Object by) {
        if (!(by instanceof Long n) || n < 0 || n > 1000) {
            throw new IllegalArgumentException("indent: a number of spaces from 0 to 1000 is expected");
        }
        bounded(s.length() + (s.chars().filter(c -> c == '\n').count() + 1) * n);
        String pad = " ".repeat(n.intValue());
        return pad + s.replace("\n", "\n" + pad);
    }

    static void bounded(long length) {
        if (length > MOST) {
            throw new IllegalArgumentException("the text would be larger than a Secret may be");
        }
    }

    private static boolean isEmpty(@Nullable Object value) {
        return switch (value) {
            case null -> true;
            case String s -> s.isEmpty();
            case Boolean b -> !b;
            case Long l -> l == 0;
            case Document.Digits d -> d.text().matches("-?0(\\.0*)?");
            case Map<?, ?> m -> m.isEmpty();
            case List<?> l -> l.isEmpty();
            default -> false;
        };
    }

    private static String sha256(String s) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes(s)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable Object index(List<@Nullable Object> args) {
        if (args.isEmpty()) {
            throw new IllegalArgumentException("wrong number of args for index: want at least 1 got 0");
        }
        Object at = args.getFirst();
        for (Object key : args.subList(1, args.size())) {
            at = switch (at) {
                // Not an error, as it is for .key.
                case Map<?, ?> m when key instanceof String s -> m.containsKey(s) ? m.get(s) : "";
                case List<?> l when key instanceof Long n && n >= 0 && n < l.size() -> l.get(n.intValue());
                case List<?> l -> throw new IllegalArgumentException("error calling index: index out of range");
                case null, default ->
                    throw new IllegalArgumentException("error calling index: it cannot be indexed so");
            };
        }
        return at;
    }

    private static @Nullable Object parsed(String s) {
        try {
            return latin(Document.parse(bytes(s)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("fromJson: it is no JSON");
        }
    }

    private static @Nullable Object latin(@Nullable Object json) {
        return converted(json, Functions::fromUtf8);
    }

    private static @Nullable Object json(@Nullable Object latin) {
        return converted(latin, Functions::utf8);
    }

    private static @Nullable Object converted(
            @Nullable Object value, java.util.function.UnaryOperator<String> conversion) {
        return switch (value) {
            case String s -> conversion.apply(s);
            case Map<?, ?> m -> {
                Map<String, @Nullable Object> sorted = new TreeMap<>();
                m.forEach((k, v) -> sorted.put(conversion.apply((String) k), converted(v, conversion)));
                yield sorted;
            }
            case List<?> l -> {
                List<@Nullable Object> list = new java.util.ArrayList<>();
                l.forEach(o -> list.add(converted(o, conversion)));
                yield list;
            }
            case null, default -> value;
        };
    }

    /** As {@code encoding/json} writes it, fit for a page. */
    private static String escaped(String json) {
        return fromUtf8(json.replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029"));
    }

    /** A string as Go writes one. */
    private static final class Quoted {
        static String of(String text) {
            StringBuilder out = new StringBuilder("\"");
            text.codePoints().forEach(c -> {
                String known = switch (c) {
                    case 7 -> "\\a";
                    case '\b' -> "\\b";
                    case '\f' -> "\\f";
                    case '\n' -> "\\n";
                    case '\r' -> "\\r";
                    case '\t' -> "\\t";
                    case 11 -> "\\v";
                    case '"' -> "\\\"";
                    case '\\' -> "\\\\";
                    default -> "";
                };
                if (!known.isEmpty()) {
                    out.append(known);
                } else if (c < 0x20 || c == 0x7f) {
                    out.append(String.format(Locale.ROOT, "\\x%02x", c));
                } else if (c != ' ' && (Character.isSpaceChar(c) || Character.isISOControl(c))) {
                    out.append(String.format(Locale.ROOT, "\\u%04x", c));
                } else {
                    out.appendCodePoint(c);
                }
            });
            return fromUtf8(out.append('"').toString());
        }
    }
}
