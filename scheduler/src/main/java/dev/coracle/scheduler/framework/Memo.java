package dev.coracle.scheduler.framework;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** What was made for the last few questions. Of one thread. */
public final class Memo<K, V> {
    private static final int MOST = 64;

    private final Map<K, V> last = new LinkedHashMap<>(MOST, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > MOST;
        }
    };

    public V of(K question, Function<? super K, ? extends V> make) {
        V known = last.get(question);
        if (known == null) {
            known = make.apply(question);
            last.put(question, known);
        }
        return known;
    }
}
