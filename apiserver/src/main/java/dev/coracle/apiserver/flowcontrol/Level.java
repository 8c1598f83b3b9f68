package dev.coracle.apiserver.flowcontrol;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Seats and queues of a priority level. {@link FlowControl} guards it.
 *
 * <p>Who waits is in the shortest of a few queues that its flow was dealt (shuffle sharding): two flows share one of them,
 * perhaps, but hardly all. Among queues the one goes next that has had least of the level's time (fair queuing): a queue's
 * time goes on by what its requests took, the level's is that of the queue which was served last, and a queue begins at the
 * level's. So one that was empty does not come back with time saved up, nor with a debt for what nobody else wanted.
 *
 * <p>There may be ten million queues in a configuration: those are in memory that somebody is in, or was since others wait.
 */
final class Level {
    /** What a request is thought to take until it is known, as seconds. */
    private static final double GUESS = 0.01;

    /** Of one place in line. */
    static final class Waiting {
        private Queue queue;
        private final long flow;

        /** Completed with {@code ""} by a seat, with a reason where it came to nothing. */
        final CompletableFuture<String> seat = new CompletableFuture<>();

        private Waiting(Queue queue, long flow) {
            this.queue = queue;
            this.flow = flow;
        }

        Queue queue() {
            return queue;
        }
    }

    static final class Queue {
        private final int number;
        private final ArrayDeque<Waiting> line = new ArrayDeque<>();
        private int executing;
        private double time;

        private Queue(int number, double time) {
            this.number = number;
            this.time = time;
        }

        private boolean isEmpty() {
            return executing == 0 && line.isEmpty();
        }
    }

    private volatile PriorityLevel config;
    private int nominal;
    private int lendable;
    private long most;
    private int executing;
    private int waiting;
    private double now;
    /** Those that are in memory, by their number. */
    private Map<Integer, Queue> queues = new LinkedHashMap<>();

    Level(PriorityLevel config) {
        this.config = config;
    }

    PriorityLevel config() {
        return config;
    }

    int nominal() {
        return nominal;
    }

    int executing() {
        return executing;
    }

    int waiting() {
        return waiting;
    }

    boolean isIdle() {
        return executing == 0 && waiting == 0;
    }

    /** @param seats of the server that are this level's */
    void configure(PriorityLevel next, int seats) {
        boolean dealt = next.queues() == config.queues();
        config = next;
        nominal = seats;
        lendable = (int) Math.round(seats * next.lendable() / 100.0);
        most = next.borrowing() < 0 ? Long.MAX_VALUE : seats + Math.round(seats * next.borrowing() / 100.0);
        if (!dealt) {
            List<Waiting> standing =
                    queues.values().stream().flatMap(q -> q.line.stream()).toList();
            queues = new LinkedHashMap<>();
            for (Waiting w : standing) {
                if (next.queues() == 0) {
                    // Nobody waits here any more.
                    waiting--;
                    sit(w.queue);
                    w.seat.complete("");
                } else {
                    w.queue = shortest(w.flow);
                    w.queue.line.add(w);
                }
            }
        }
    }

    /** Seats that nobody else ever has. */
    int kept() {
        return nominal - lendable;
    }

    int lendable() {
        return lendable;
    }

    /** Of what there is to lend, itself included, how much it uses. */
    int lent() {
        return Math.max(0, executing - kept());
    }

    /** @param left of all that there is to lend */
    boolean hasSeat(int left) {
        return config.exempt() || executing < kept() || executing < most && left > 0;
    }

    /** In the way of a queue, where the level has some. */
    @Nullable
    Queue sit(long flow) {
        Queue queue = config.queues() == 0 ? null : shortest(flow);
        sit(queue);
        return queue;
    }

    private void sit(@Nullable Queue queue) {
        executing++;
        if (queue != null) {
            now = Math.max(now, queue.time);
            queue.executing++;
            queue.time += GUESS;
        }
    }

    /** @param seconds that the request took */
    void leave(@Nullable Queue queue, double seconds) {
        executing--;
        if (queue != null) {
            queue.executing--;
            queue.time += seconds - GUESS;
            forget(queue);
        }
    }

    /** While others wait, how much it has had is remembered: it may be back at once. */
    private void forget(Queue queue) {
        if (queue.isEmpty() && waiting == 0) {
            queues.remove(queue.number, queue);
        }
    }

    private void oneLessWaits() {
        waiting--;
        if (waiting == 0) {
            queues.values().removeIf(Queue::isEmpty);
        }
    }

    /** @return null where its queue is full */
    @Nullable
    Waiting line(long flow) {
        Queue queue = shortest(flow);
        if (queue.line.size() >= config.queueLength()) {
            forget(queue);
            return null;
        }
        Waiting w = new Waiting(queue, flow);
        queue.line.add(w);
        waiting++;
        return w;
    }

    /** @return whether it still stood there */
    boolean giveUp(Waiting w) {
        boolean stood = w.queue.line.remove(w);
        if (stood) {
            oneLessWaits();
        }
        return stood;
    }

    /** Gives a seat to who is next; there must be one. */
    void next() {
        Queue least = null;
        for (Queue q : queues.values()) {
            if (!q.line.isEmpty() && (least == null || q.time < least.time)) {
                least = q;
            }
        }
        if (least != null) {
            Waiting w = least.line.remove();
            sit(least);
            oneLessWaits();
            w.seat.complete("");
        }
    }

    /** Of the flow's hand, which is the same queues each time. */
    private Queue shortest(long flow) {
        SplittableRandom hand = new SplittableRandom(flow);
        int best = 0;
        int fewest = Integer.MAX_VALUE;
        int left = config.queues();
        // Where a card of the deck lies that is not in its own place.
        Map<Integer, Integer> moved = new HashMap<>();
        for (int i = 0; i < Math.min(Math.max(1, config.handSize()), left); i++) {
            int pick = i + hand.nextInt(left - i);
            int card = moved.getOrDefault(pick, pick);
            moved.put(pick, moved.getOrDefault(i, i));
            Queue q = queues.get(card);
            int n = q == null ? 0 : q.line.size() + q.executing;
            if (n < fewest) {
                best = card;
                fewest = n;
            }
        }
        return queues.computeIfAbsent(best, n -> new Queue(n, now));
    }
}
