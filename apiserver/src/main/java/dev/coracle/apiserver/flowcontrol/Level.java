package dev.coracle.apiserver.flowcontrol;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Seats and queues of a priority level. {@link FlowControl} guards it.
 *
 * <p>Who waits is in the shortest of a few queues that its flow was dealt (shuffle sharding): two flows share one of them,
 * perhaps, but hardly all. Among queues the one goes next that has had least of the level's time (fair queuing): a queue's
 * time goes on by what its requests took, and one that was empty does not come back with time saved up.
 */
final class Level {
    /** What a request is thought to take until it is known, as seconds. */
    private static final double GUESS = 0.01;

    /** Of one place in line. */
    static final class Waiting {
        private Queue queue;
        private final long flow;

        /** Completed with true by a seat, with false where it came to nothing. */
        final CompletableFuture<Boolean> seat = new CompletableFuture<>();

        private Waiting(Queue queue, long flow) {
            this.queue = queue;
            this.flow = flow;
        }

        Queue queue() {
            return queue;
        }
    }

    static final class Queue {
        private final ArrayDeque<Waiting> line = new ArrayDeque<>();
        private int executing;
        private double time;
    }

    private volatile PriorityLevel config;
    private int nominal;
    private int lendable;
    private long most;
    private int executing;
    private int waiting;
    private double now;
    private List<Queue> queues = List.of();

    Level(PriorityLevel config) {
        this.config = config;
        deal();
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
                    queues.stream().flatMap(q -> q.line.stream()).toList();
            deal();
            for (Waiting w : standing) {
                if (queues.isEmpty()) {
                    // Nobody waits here any more.
                    waiting--;
                    sit(w.queue);
                    w.seat.complete(true);
                } else {
                    w.queue = shortest(w.flow);
                    w.queue.line.add(w);
                }
            }
        }
    }

    private void deal() {
        List<Queue> fresh = new ArrayList<>();
        for (int i = 0; i < config.queues(); i++) {
            fresh.add(new Queue());
        }
        queues = List.copyOf(fresh);
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
        Queue queue = queues.isEmpty() ? null : shortest(flow);
        sit(queue);
        return queue;
    }

    private void sit(@Nullable Queue queue) {
        executing++;
        if (queue != null) {
            if (queue.executing == 0 && queue.line.isEmpty()) {
                queue.time = Math.max(queue.time, now);
            }
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
        }
    }

    /** @return null where its queue is full */
    @Nullable
    Waiting line(long flow) {
        Queue queue = shortest(flow);
        if (queue.line.size() >= config.queueLength()) {
            return null;
        }
        if (queue.executing == 0 && queue.line.isEmpty()) {
            queue.time = Math.max(queue.time, now);
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
            waiting--;
        }
        return stood;
    }

    /** Gives a seat to who is next; there must be one. */
    void next() {
        Queue least = null;
        for (Queue q : queues) {
            if (!q.line.isEmpty() && (least == null || q.time < least.time)) {
                least = q;
            }
        }
        if (least != null) {
            Waiting w = least.line.remove();
            waiting--;
            now = Math.max(now, least.time);
            sit(least);
            w.seat.complete(true);
        }
    }

    private Queue shortest(long flow) {
        // The flow's hand: always the same queues for the same flow.
        SplittableRandom hand = new SplittableRandom(flow);
        Queue best = null;
        int fewest = Integer.MAX_VALUE;
        int[] deck = new int[queues.size()];
        for (int i = 0; i < deck.length; i++) {
            deck[i] = i;
        }
        for (int i = 0; i < Math.min(Math.max(1, config.handSize()), deck.length); i++) {
            int pick = i + hand.nextInt(deck.length - i);
            int card = deck[pick];
            deck[pick] = deck[i];
            Queue q = queues.get(card);
            int n = q.line.size() + q.executing;
            if (best == null || n < fewest) {
                best = q;
                fewest = n;
            }
        }
        return java.util.Objects.requireNonNull(best);
    }
}
