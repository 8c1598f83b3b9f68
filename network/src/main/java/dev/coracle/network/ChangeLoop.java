package dev.coracle.network;

import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.env.Timers;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A task that alone owns what it writes to the kernel. Events only mark what has changed, once however often; the task takes all
 * marks that have gathered while it was busy, and works on them together. Whatever the work throws, its marks are not lost: after a
 * pause it gets them again, with those that have come since. Every so often it is told to look at what the kernel has.
 */
public final class ChangeLoop<M> implements AutoCloseable {
    private static final Duration RESYNC = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** What is done with marks. */
    public interface Work<M> {
        /**
         * Called first when the informers have synced, with marks or without.
         *
         * @param look whether somebody may have changed what the kernel has
         */
        void apply(Set<M> marks, boolean look);
    }

    private final String name;
    private final Environment environment;
    private final Informers informers;
    private final List<Informer> copies;
    private final Work<M> work;
    private final System.Logger log;

    /** Guards {@code marks}, {@code look} and {@code closed}. */
    private final Object lock = new Object();

    private Set<M> marks = new LinkedHashSet<>();
    private boolean look;
    private boolean closed;
    private Tasks.@Nullable Task task;
    private Timers.@Nullable Timer timer;

    /** @param copies what must be complete before anything is done: half a list would cut off what worked before a restart */
    public ChangeLoop(String name, Environment environment, Informers informers, List<Informer> copies, Work<M> work) {
        this.name = name;
        this.environment = environment;
        this.informers = informers;
        this.copies = List.copyOf(copies);
        this.work = work;
        this.log = System.getLogger("coracle." + name);
    }

    public void start() {
        task = environment.tasks().start(name, this::run);
        timer = environment.timers().every(RESYNC, this::look);
    }

    public void mark(Collection<M> changed) {
        synchronized (lock) {
            marks.addAll(changed);
            lock.notifyAll();
        }
    }

    private void look() {
        synchronized (lock) {
            look = true;
            lock.notifyAll();
        }
    }

    private void run() {
        try {
            while (!copies.stream().allMatch(Informer::synced)) {
                if (!informers.awaitSync(Duration.ofSeconds(1))) {
                    environment.sleep(Duration.ofMillis(10));
                }
            }
            String last = "";
            for (boolean first = true; await(first); first = false) {
                last = turn(last);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return false when closed */
    private boolean await(boolean ready) throws InterruptedException {
        synchronized (lock) {
            while (!ready && marks.isEmpty() && !look && !closed) {
                lock.wait();
            }
            return !closed;
        }
    }

    /**
     * @param last why it failed the last time, which need not be said again
     * @return why it failed; {@code ""} where it did not
     */
    private String turn(String last) throws InterruptedException {
        Set<M> batch;
        boolean looking;
        synchronized (lock) {
            batch = marks;
            looking = look;
            marks = new LinkedHashSet<>();
            look = false;
        }
        try {
            work.apply(batch, looking);
            return "";
        } catch (RuntimeException e) {
            if (!e.toString().equals(last)) {
                log.log(System.Logger.Level.ERROR, "Failed to execute nft, will build the rules anew: " + e, e);
            }
            environment.sleep(PAUSE);
            synchronized (lock) {
                batch.addAll(marks);
                marks = batch;
                look = true;
            }
            return e.toString();
        }
    }

    public boolean started() {
        return task != null;
    }

    /** Ends the task; what it owns is then the caller's. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
        if (timer != null) {
            timer.cancel();
        }
        if (task != null) {
            try {
                // Not interrupted at once: a transaction that runs takes milliseconds.
                if (!task.join(PATIENCE)) {
                    task.interrupt();
                    task.join(PATIENCE);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
