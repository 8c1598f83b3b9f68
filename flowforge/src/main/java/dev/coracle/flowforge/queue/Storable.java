package dev.coracle.flowforge.queue;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What JSON can say and PostgreSQL cannot keep: the character NUL, half a surrogate pair, a number beyond all bounds. */
public final class Storable {
    private Storable() {}

    public static boolean text(String text) {
        return text.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    /** The path of the first value that cannot be kept, starting with {@code path}; {@code null} when all can. */
    public static @Nullable String fault(String path, @Nullable Object tree) {
        return switch (tree) {
            case String s -> text(s) ? null : path;
            case Double d -> Double.isFinite(d) ? null : path;
            case Map<?, ?> map -> {
                for (Map.Entry<?, ?> e : map.entrySet()) {
                    String key = String.valueOf(e.getKey());
                    String fault = text(key) ? fault(path + "." + key, e.getValue()) : path;
                    if (fault != null) {
                        yield fault;
                    }
                }
                yield null;
            }
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    String fault = fault(path + "[" + i + "]", list.get(i));
                    if (fault != null) {
                        yield fault;
                    }
                }
                yield null;
            }
            case null, default -> null;
        };
    }

    /** The text with U+FFFD for what cannot be kept: a worker's result must not be lost over a character. */
    static String clean(String text) {
        if (text(text)) {
            return text;
        }
        StringBuilder clean = new StringBuilder();
        text.codePoints()
                .map(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) ? 0xFFFD : c)
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }

    static @Nullable Object clean(@Nullable Object tree) {
        return switch (tree) {
            case String s -> clean(s);
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> clean = new LinkedHashMap<>();
                map.forEach((k, v) -> clean.put(clean(String.valueOf(k)), clean(v)));
                yield clean;
            }
            case List<?> list -> list.stream().map(v -> clean((Object) v)).toList();
            case null, default -> tree;
        };
    }
}
