package dev.coracle.client;

import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Keeps a talkative component from filling the cluster with Events, by the rules and numbers of client-go's correlator:
 *
 * <ul>
 *   <li>from the tenth different message of one reason about one object on, until ten minutes pass without one, all are
 *       told by a single Event, whose message is the newest;
 *   <li>about one object 25 things are told at once, then one more for each five minutes.
 * </ul>
 *
 * <p>Of either, the few thousand objects talked about last are remembered. Not safe for threads; its owner locks.
 */
final class EventCorrelator {
    static final int REMEMBERED = 4096;

    private static final int SIMILAR = 10;
    private static final Duration SIMILAR_FOR = Duration.ofMinutes(10);
    private static final int BURST = 25;
    private static final Duration REFILL = Duration.ofMinutes(5);

    /** What happened to what. */
    record What(Unstructured involved, String type, String reason, String message) {
        String namespace() {
            return involved.stringOr("default", "namespace");
        }

        private What anyMessage() {
            return new What(involved, type, reason, "");
        }
    }

    /**
     * @param as equal for all that one Event counts
     * @param message what that Event now says
     * @param silent whether to count, but not to write
     */
    record Telling(What as, String message, boolean silent) {}

    private static final class Similar {
        private final Set<String> messages = new LinkedHashSet<>();
        private Instant last = Instant.MIN;
    }

    /** A bucket of tokens that fills up again by and by. */
    private static final class Allowance {
        private double tokens = BURST;
        private Instant last;

        Allowance(Instant now) {
            last = now;
        }

        boolean take(Instant now) {
            double refill = (double) Duration.between(last, now).toNanos() / REFILL.toNanos();
            tokens = Math.min(BURST, tokens + Math.max(0, refill));
            last = now;
            if (tokens < 1) {
                return false;
            }
            tokens--;
            return true;
        }
    }

    private final Map<What, Similar> similar = new Recent<>();
    private final Map<Unstructured, Allowance> allowances = new Recent<>();

    Telling correlate(What what, Instant now) {
        boolean silent = !allowances
                .computeIfAbsent(what.involved(), o -> new Allowance(now))
                .take(now);
        Similar s = similar.computeIfAbsent(what.anyMessage(), w -> new Similar());
        if (s.last.isBefore(now.minus(SIMILAR_FOR))) {
            s.messages.clear();
        }
        s.last = now;
        s.messages.add(what.message());
        if (s.messages.size() < SIMILAR) {
            return new Telling(what, what.message(), silent);
        }
        s.messages.remove(s.messages.iterator().next());
        return new Telling(what.anyMessage(), "(combined from similar events): " + what.message(), silent);
    }

    /** Forgets what was asked for longest ago. */
    static final class Recent<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1;

        Recent() {
            super(64, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > REMEMBERED;
        }
    }
}
