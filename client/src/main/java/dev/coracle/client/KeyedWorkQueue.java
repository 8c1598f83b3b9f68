package dev.coracle.client;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Timers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.function.Function;

/**
 * The work queue. A key is in one of three places: waiting ({@code order}), being worked on ({@code active}), or both
 * worked on and to be looked at again ({@code dirty}). Besides, it may be due at one later time: the earliest asked for.
 */
public final class KeyedWorkQueue<K> implements WorkQueue<K> {
    private static final System.Logger LOG = System.getLogger("coracle.workqueue");
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(5);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(1000);

    private final Environment environment;
    private final String name;
    private final int workers;
    private final Function<K, Reconciler.Result> work;
    private final Queue<K> order = new ArrayDeque<>();
    /** Since when. */
    private final Map<K, Long> waiting = new HashMap<>();
    /** Since when. */
    private final Map<K, Long> active = new HashMap<>();

    private final Set<K> dirty = new HashSet<>();
    private final Map<K, Integer> failures = new HashMap<>();
    private final Map<K, Later> later = new HashMap<>();
    private final LongSummaryStatistics waits = new LongSummaryStatistics();
    private final LongSummaryStatistics works = new LongSummaryStatistics();
    private long adds;
    private long retries;
    private int running;
    private boolean held;
    private boolean closed;

    /** A look to come. */
    private record Later(long at, Timers.Timer timer) {}

    /** @param work throws to have the key tried again after its backoff */
    public KeyedWorkQueue(Environment environment, String name, int workers, Function<K, Reconciler.Result> work) {
        this.environment = environment;
        this.name = name;
        this.workers = workers;
        this.work = work;
    }

    /** Lets keys wait, and works on none, until {@link #release}. */
    public synchronized void hold() {
        held = true;
    }

    public void release() {
        int more;
        synchronized (this) {
            held = false;
            more = closed ? 0 : Math.max(0, Math.min(workers, order.size()) - running);
            running += more;
        }
        for (int i = 0; i < more; i++) {
            environment.tasks().start(name, this::drain);
        }
    }

    @Override
    public void add(K key) {
        synchronized (this) {
            if (closed) {
                return;
            }
            if (active.containsKey(key)) {
                if (dirty.add(key)) {
                    adds++;
                }
                return;
            }
            if (waiting.containsKey(key)) {
                return;
            }
            adds++;
            enqueue(key);
            if (held || running >= workers) {
                return;
            }
            running++;
        }
        environment.tasks().start(name, this::drain);
    }

    private void enqueue(K key) {
        waiting.put(key, environment.clock().nanos());
        order.add(key);
    }

    @Override
    public void addAfter(K key, Duration delay) {
        synchronized (this) {
            retries++;
        }
        if (delay.isZero() || delay.isNegative()) {
            add(key);
            return;
        }
        long at = environment.clock().nanos() + delay.toNanos();
        synchronized (this) {
            Later known = later.get(key);
            // Whoever asks on each change would otherwise pile up timers.
            if (closed || known != null && known.at() - at <= 0) {
                return;
            }
            if (known != null) {
                known.timer().cancel();
            }
            later.put(key, new Later(at, environment.timers().schedule(delay, () -> due(key, at))));
        }
    }

    private void due(K key, long at) {
        synchronized (this) {
            Later now = later.get(key);
            // One that was replaced as it went off is not missed: the other comes earlier.
            if (now == null || now.at() != at) {
                return;
            }
            later.remove(key);
        }
        add(key);
    }

    @Override
    public void addRateLimited(K key) {
        int n;
        synchronized (this) {
            n = failures.merge(key, 1, Integer::sum) - 1;
        }
        Duration delay = n >= 18 ? LAST_BACKOFF : FIRST_BACKOFF.multipliedBy(1L << n);
        addAfter(key, delay.compareTo(LAST_BACKOFF) > 0 ? LAST_BACKOFF : delay);
    }

    @Override
    public synchronized void forget(K key) {
        failures.remove(key);
    }

    @Override
    public synchronized int depth() {
        return order.size();
    }

    @Override
    public synchronized LoopMetrics metrics() {
        long now = environment.clock().nanos();
        LongSummaryStatistics open = new LongSummaryStatistics();
        active.values().forEach(since -> open.accept(now - since));
        return new LoopMetrics(
                name,
                order.size(),
                adds,
                retries,
                waits.getCount(),
                Duration.ofNanos(waits.getSum()),
                works.getCount(),
                Duration.ofNanos(works.getSum()),
                Duration.ofNanos(open.getSum()),
                Duration.ofNanos(Math.max(0, open.getMax())));
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            order.clear();
            waiting.clear();
            dirty.clear();
            later.values().forEach(l -> l.timer().cancel());
            later.clear();
            while (!active.isEmpty()) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    private void drain() {
        while (true) {
            K key;
            synchronized (this) {
                key = held ? null : order.poll();
                if (key == null) {
                    running--;
                    return;
                }
                long now = environment.clock().nanos();
                Long since = waiting.remove(key);
                waits.accept(since == null ? 0 : now - since);
                active.put(key, now);
            }
            try {
                run(key);
            } finally {
                done(key);
            }
        }
    }

    private void run(K key) {
        try {
            Reconciler.Result result = work.apply(key);
            forget(key);
            Duration again = result.requeueAfter();
            if (again != null) {
                addAfter(key, again);
            }
        } catch (RuntimeException e) {
            boolean race = e instanceof dev.coracle.machinery.object.StatusException s
                    && (s.isConflict() || s.isNotFound() || s.isAlreadyExists());
            if (e instanceof dev.coracle.machinery.object.StatusException) {
                // The server's words say all.
                LOG.log(
                        race ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
                        name + ": " + key + ": " + e.getMessage());
            } else {
                LOG.log(System.Logger.Level.WARNING, name + ": " + key, e);
            }
            addRateLimited(key);
        } catch (Error e) {
            // The key is tried again, and the worker lives on: a lost worker would stall every other key.
            LOG.log(System.Logger.Level.ERROR, name + ": " + key, e);
            addRateLimited(key);
        }
    }

    private void done(K key) {
        synchronized (this) {
            Long since = active.remove(key);
            works.accept(since == null ? 0 : environment.clock().nanos() - since);
            notifyAll();
            if (dirty.remove(key)) {
                // Counted when it was added; whoever called this looks for the next key.
                enqueue(key);
            }
        }
    }
}
