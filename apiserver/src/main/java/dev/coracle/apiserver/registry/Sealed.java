package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.encryption.Transformer;
import dev.coracle.apiserver.encryption.UnreadableException;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.KeyValue;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * How a resource's objects are stored: which of them are written in another way than they would be today, and which
 * cannot be read. Of the latter no one knows more than the key, so what asks for them is refused, not told that there are
 * none. Its owner's lock guards it.
 */
final class Sealed {
    private final Transformer transformer;
    private final Set<String> stale = new HashSet<>();
    private final TreeMap<String, String> unreadable = new TreeMap<>();

    Sealed(Transformer transformer) {
        this.transformer = transformer;
    }

    private static byte[] context(String key) {
        return key.getBytes(StandardCharsets.UTF_8);
    }

    byte[] seal(String key, Unstructured o) {
        return transformer.seal(o.json(), context(key));
    }

    record Opened(Unstructured object, boolean stale) {}

    Opened open(KeyValue kv) throws UnreadableException {
        Transformer.Opened opened = transformer.open(kv.value(), context(kv.key()));
        try {
            return new Opened(Unstructured.parse(opened.plain()), opened.stale());
        } catch (MalformedJsonException e) {
            // Without the parser's words, which may quote the value.
            throw new UnreadableException("couldn't get version/kind; json parse error");
        }
    }

    /** This is what is stored of it from now on. */
    void current(String key, boolean isStale) {
        unreadable.remove(key);
        if (isStale) {
            stale.add(key);
        } else {
            stale.remove(key);
        }
    }

    /** This is what is stored of it from now on; returns why it cannot be read. */
    String unreadable(String key, UnreadableException e) {
        stale.remove(key);
        unreadable.put(key, e.why());
        return e.why();
    }

    void gone(String key) {
        stale.remove(key);
        unreadable.remove(key);
    }

    int unreadable() {
        return unreadable.size();
    }

    Optional<String> firstUnreadable() {
        return Optional.ofNullable(unreadable.firstEntry()).map(e -> e.getKey() + ": " + e.getValue());
    }

    boolean isStale(String key) {
        return stale.contains(key);
    }

    /** @throws StatusException 500 when it is there and cannot be read */
    void check(String key) {
        String why = unreadable.get(key);
        if (why != null) {
            throw StatusException.internal(why);
        }
    }

    /**
     * @param name of the only one that is of interest; {@code ""} for all
     * @throws StatusException 500 when one of the range cannot be read
     */
    void check(String from, String end, String name) {
        unreadable.subMap(from, true, end, false).forEach((key, why) -> {
            if (name.isEmpty() || key.endsWith("/" + name)) {
                throw refusal(key, why);
            }
        });
    }

    static StatusException refusal(String key, String why) {
        return StatusException.internal("unable to transform key " + Json.string(key) + ": " + why);
    }
}
