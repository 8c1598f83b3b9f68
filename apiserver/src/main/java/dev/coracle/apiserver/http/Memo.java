package dev.coracle.apiserver.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Documents that are the same for everybody, kept for as long as what they tell of stays as it is. */
final class Memo {
    /** @param of what they were made of */
    private record Made(Object of, Map<String, byte[]> documents) {}

    private final Supplier<Object> state;
    private volatile Made made = new Made("", Map.of());

    /** @param state equal to what it was before while nothing has changed */
    Memo(Supplier<Object> state) {
        this.state = state;
    }

    /** @param make is asked before anything is kept, and may refuse */
    byte[] of(String name, Supplier<byte[]> make) {
        // Asked first: what changes while a document is made has it made again.
        Object now = state.get();
        Made last = made;
        if (!last.of().equals(now)) {
            last = new Made(now, new ConcurrentHashMap<>());
            made = last;
        }
        byte[] known = last.documents().get(name);
        if (known == null) {
            known = make.get();
            last.documents().put(name, known);
        }
        return known;
    }
}
