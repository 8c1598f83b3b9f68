package dev.coracle.store;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The keys from {@code start} to before {@code end}; {@code end == null} means just {@code start}. */
public record KeyRange(String start, @Nullable String end) {
    public static KeyRange key(String key) {
        return new KeyRange(key, null);
    }

    /** All keys that begin with {@code prefix}, which must end in an ASCII character such as {@code '/'}. */
    public static KeyRange prefix(String prefix) {
        return new KeyRange(prefix, after(prefix));
    }

    /** All keys under {@code prefix} that sort after {@code key}: where a paged list continues. */
    public static KeyRange after(String prefix, String key) {
        return new KeyRange(key + "\0", after(prefix));
    }

    public boolean contains(String key) {
        String e = end;
        return e == null ? key.equals(start) : key.compareTo(start) >= 0 && key.compareTo(e) < 0;
    }

    private static String after(String prefix) {
        Objects.checkIndex(0, prefix.length());
        char[] c = prefix.toCharArray();
        c[c.length - 1]++;
        return new String(Arrays.copyOf(c, c.length));
    }
}
