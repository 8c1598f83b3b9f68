package dev.coracle.store.mvcc;

import dev.coracle.machinery.env.Tasks;
import dev.coracle.store.KeyRange;
import dev.coracle.store.Store;
import dev.coracle.store.StoreEvent;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One watch and what it has not been told yet. The commits offer, and whoever finds nobody at it delivers: in the same
 * thread, or on a task where commits must not wait for listeners. Its lock is taken after all others, and no listener is
 * called with it.
 */
final class Watcher implements Store.Watch {
    private static final System.Logger LOG = System.getLogger("coracle.store");

    private record Batch(long revision, List<StoreEvent> events) {}

    private final KeyRange range;
    private final Store.WatchListener listener;
    /** Up to here everything has been offered to those it concerns. */
    private final LongSupplier offered;
    /** Returns when everything up to a revision has been offered. */
    private final LongConsumer catchUp;

    private final long from;
    private final @Nullable Tasks tasks;
    private final Consumer<Watcher> ended;
    /** The first is being delivered, if anybody delivers. */
    private final ArrayDeque<Batch> waiting = new ArrayDeque<>();

    private @Nullable Thread deliverer;
    private boolean running;
    private boolean closed;
    /** What it had been told when it was closed: nothing is added to that. */
    private long end;

    /**
     * @param from what is older is none of its business
     * @param tasks null: who offers delivers
     */
    Watcher(
            KeyRange range,
            long from,
            Store.WatchListener listener,
            LongSupplier offered,
            LongConsumer catchUp,
            @Nullable Tasks tasks,
            Consumer<Watcher> ended) {
        this.range = range;
        this.from = from;
        this.listener = listener;
        this.offered = offered;
        this.catchUp = catchUp;
        this.tasks = tasks;
        this.ended = ended;
    }

    KeyRange range() {
        return range;
    }

    void offer(long revision, List<StoreEvent> events) {
        synchronized (this) {
            if (closed || revision < from) {
                return;
            }
            waiting.add(new Batch(revision, events));
            if (running) {
                return;
            }
            running = true;
        }
        if (tasks == null) {
            deliver();
        } else {
            tasks.start("store-watch", this::deliver);
        }
    }

    /** What is worse than an exception is thrown on, to whoever runs this, when all has been told. */
    private void deliver() {
        @Nullable Error worst = null;
        while (true) {
            Batch batch;
            synchronized (this) {
                batch = waiting.peek();
                deliverer = batch == null ? null : Thread.currentThread();
                if (batch == null) {
                    running = false;
                    break;
                }
            }
            try {
                listener.onEvents(batch.revision(), batch.events());
            } catch (RuntimeException | Error e) {
                // The write is done, and others wait to be told.
                LOG.log(System.Logger.Level.ERROR, "a watch of " + range + " failed at " + batch.revision(), e);
                worst = worst == null && e instanceof Error error ? error : worst;
            }
            synchronized (this) {
                waiting.poll();
                deliverer = null;
                notifyAll();
            }
        }
        if (worst != null) {
            throw worst;
        }
    }

    @Override
    public long told() {
        // First: what is offered after this is not counted.
        long all = offered.getAsLong();
        synchronized (this) {
            Batch first = waiting.peek();
            if (closed) {
                return end;
            }
            return first == null ? all : Math.min(all, first.revision() - 1);
        }
    }

    @Override
    public void awaitTold(long revision) {
        catchUp.accept(revision);
        awaitUnless(() -> closed || deliverer == Thread.currentThread() || told() >= revision);
    }

    @Override
    public void close() {
        end();
        ended.accept(this);
        // A listener may close its own watch.
        awaitUnless(() -> deliverer == null || deliverer == Thread.currentThread());
    }

    /** No more is delivered than what is being delivered, and nobody waits any longer for more. */
    synchronized void end() {
        if (closed) {
            return;
        }
        end = told();
        closed = true;
        Batch first = waiting.peek();
        waiting.clear();
        if (first != null && deliverer != null) {
            waiting.add(first);
        }
        notifyAll();
    }

    @FunctionalInterface
    private interface Condition {
        boolean holds();
    }

    private synchronized void awaitUnless(Condition condition) {
        boolean interrupted = false;
        while (!condition.holds()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
