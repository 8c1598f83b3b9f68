package dev.coracle.scheduler.plugin.podtopologyspread;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The domains of one topology that have nodes, with the pods that count there. */
final class Domains {
    private static final int UNKNOWN = -1;

    private static final class Domain {
        private int nodes;
        private int pods;
    }

    private final Map<String, Domain> byName = new HashMap<>();
    private int smallest = UNKNOWN;

    void clear() {
        byName.clear();
        smallest = UNKNOWN;
    }

    /** A node of the domain with its pods; less one, where the sign is negative. */
    void add(String name, int pods, int sign) {
        Domain domain = byName.computeIfAbsent(name, n -> new Domain());
        domain.nodes += sign;
        change(domain, sign * pods);
        if (domain.nodes == 0) {
            byName.remove(name);
        }
    }

    private void change(Domain domain, int pods) {
        domain.pods += pods;
        smallest = UNKNOWN;
    }

    int size() {
        return byName.size();
    }

    /** 0 where nobody is, or nothing. */
    int pods(@Nullable String name) {
        Domain domain = byName.get(name);
        return domain == null ? 0 : domain.pods;
    }

    /** The pods of the domain that has the fewest; 0 for none. */
    int smallest() {
        if (smallest == UNKNOWN) {
            int least = Integer.MAX_VALUE;
            for (Domain d : byName.values()) {
                least = Math.min(least, d.pods);
            }
            smallest = byName.isEmpty() ? 0 : least;
        }
        return smallest;
    }

    /** The same with so many more pods in one. */
    Domains supposing(String name, int more) {
        Domains copy = new Domains();
        byName.forEach((n, d) -> {
            Domain same = new Domain();
            same.nodes = d.nodes;
            same.pods = d.pods + (n.equals(name) ? more : 0);
            copy.byName.put(n, same);
        });
        return copy;
    }
}
