package dev.coracle.apiserver.encryption;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Several ways to write, told apart by what stands before the bytes. The first one writes. A value is read by the first
 * that can: of two with the same prefix (two keys of one name) a failure of one does not keep the other from being tried.
 */
final class Prefixed implements Transformer {
    /** @param prefix {@code ""} for values that are as they are */
    record Way(byte[] prefix, Transformer transformer) {
        Way(String prefix, Transformer transformer) {
            this(prefix.getBytes(StandardCharsets.UTF_8), transformer);
        }
    }

    private final List<Way> ways;
    private final String otherwise;
    private final Transformations.Of told;

    /** @param otherwise what is said of a value with none of the prefixes */
    Prefixed(List<Way> ways, String otherwise, Transformations.Of told) {
        this.ways = List.copyOf(ways);
        this.otherwise = otherwise;
        this.told = told;
    }

    static boolean startsWith(byte[] bytes, byte[] prefix) {
        return bytes.length >= prefix.length && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static String name(Way way) {
        return new String(way.prefix(), StandardCharsets.UTF_8);
    }

    @Override
    public byte[] seal(byte[] plain, byte[] key) {
        var running = told.begin();
        Way first = ways.getFirst();
        byte[] sealed = first.transformer().seal(plain, key);
        running.sealed(name(first));
        if (first.prefix().length == 0) {
            return sealed;
        }
        byte[] stored = Arrays.copyOf(first.prefix(), first.prefix().length + sealed.length);
        System.arraycopy(sealed, 0, stored, first.prefix().length, sealed.length);
        return stored;
    }

    @Override
    public Opened open(byte[] stored, byte[] key) throws UnreadableException {
        var running = told.begin();
        Set<String> failures = new LinkedHashSet<>();
        for (int i = 0; i < ways.size(); i++) {
            Way way = ways.get(i);
            int length = way.prefix().length;
            if (!startsWith(stored, way.prefix())) {
                continue;
            }
            String name = length == 0 ? "identity" : name(way);
            try {
                byte[] rest = length == 0 ? stored : Arrays.copyOfRange(stored, length, stored.length);
                Opened opened = way.transformer().open(rest, key);
                running.opened(name, true);
                return new Opened(opened.plain(), opened.stale() || i != 0);
            } catch (UnreadableException e) {
                if (length != 0) {
                    running.opened(name, false);
                    failures.add(e.why());
                }
            }
        }
        if (failures.isEmpty()) {
            running.opened("unknown", false);
            throw new UnreadableException(otherwise);
        }
        throw new UnreadableException(
                failures.size() == 1 ? failures.iterator().next() : "[" + String.join(", ", failures) + "]");
    }
}
