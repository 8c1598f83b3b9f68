package dev.coracle.scheduler.framework;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What was made for the last few questions. Of one thread. */
public final class Memo<K, V> {
    private static final int MOST = 64;

    private final int most;

    private final Map<K, V> last = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > most;
        }
    };

    public Memo() {
        this(MOST);
    }

    public Memo(int most) {
        this.most = most;
    }

    public @Nullable V get(K question) {
        return last.get(question);
    }

    public void put(K question, V made) {
        last.put(question, made);
    }

    public void forget(K question) {
        last.remove(question);
    }

    public V of(K question, Function<? super K, ? extends V> make) {
        V known = last.get(question);
        if (known == null) {
            known = make.apply(question);
            last.put(question, known);
        }
        return known;
    }
}
