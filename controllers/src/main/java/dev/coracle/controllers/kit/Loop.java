package dev.coracle.controllers.kit;

import dev.coracle.client.Informer;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What wakes a controller, and the queue in which its keys wait. Each of {@link #reconciles}, {@link #owns}, {@link
 * #watches} and {@link #reads} gives the informer; what they wake comes to the queue after {@link #start}, and the first
 * key is worked on when all these informers are synced. One controller starts one loop, last in its constructor.
 */
public final class Loop {
    /** Which keys a change concerns; {@code before == null} is an addition, {@code after == null} a deletion. */
    @FunctionalInterface
    public interface Mapping {
        Collection<ObjectKey> keys(@Nullable Revision before, @Nullable Revision after);
    }

    private final ControllerContext world;
    private final KeyedWorkQueue<ObjectKey> queue;
    private final List<Informer> informers = new ArrayList<>();
    private final List<Runnable> wakers = new ArrayList<>();
    private @Nullable Informer reconciled;
    private @Nullable Reconciler reconciler;
    private @Nullable Duration resync;

    /**
     * @param name of the queue, in metrics and thread dumps
     * @param workers how many keys are worked on at once
     */
    public Loop(ControllerContext world, String name, int workers) {
        this.world = world;
        this.queue = new KeyedWorkQueue<>(world.environment(), name, workers, this::reconcile);
        queue.hold();
    }

    /** The kind that keys are of: each of its changes wakes its key, also the last. */
    public Informer reconciles(GroupVersionResource resource) {
        Informer informer = watches(
                resource, (before, after) -> List.of((after != null ? after : Objects.requireNonNull(before)).key()));
        reconciled = informer;
        return informer;
    }

    /**
     * A kind whose objects name one of kind {@code owner} as their controller. It is woken when one comes, goes, changes
     * hands, or changes in what is {@code seen} of it.
     */
    public Informer owns(GroupVersionResource resource, String owner, Function<Unstructured, Object> seen) {
        Informer informer = reads(resource);
        Owned.index(informer);
        wakers.add(() -> Owned.wake(informer, owner, seen, queue::add));
        return informer;
    }

    /** A kind whose changes concern the keys that {@code mapping} says. It must not block, but may look into copies. */
    public Informer watches(GroupVersionResource resource, Mapping mapping) {
        Informer informer = reads(resource);
        wakers.add(() ->
                informer.handle((before, after) -> mapping.keys(before, after).forEach(queue::add)));
        return informer;
    }

    /** A kind that is looked into, and wakes nothing. */
    public Informer reads(GroupVersionResource resource) {
        Informer informer = world.informers().of(resource);
        informers.add(informer);
        return informer;
    }

    /** Wakes the reconciled objects that could adopt. */
    public void adopts(Claims claims) {
        Informer owners = Objects.requireNonNull(reconciled);
        wakers.add(() -> claims.wakeForOrphans(owners, queue::add));
    }

    /** Looks again at an object for which nothing else was asked so long after it was looked at. */
    public void resync(Duration period) {
        resync = period;
    }

    public void start(Reconciler work) {
        reconciler = work;
        wakers.forEach(Runnable::run);
        AtomicInteger missing = new AtomicInteger(informers.size());
        informers.forEach(i -> i.whenSynced(() -> {
            if (missing.decrementAndGet() == 0) {
                queue.release();
            }
        }));
    }

    private Reconciler.Result reconcile(ObjectKey key) {
        Reconciler.Result result = Objects.requireNonNull(reconciler).reconcile(key);
        boolean again = resync != null
                && result.requeueAfter() == null
                && (reconciled == null || reconciled.get(key).isPresent());
        return again ? Reconciler.Result.after(Objects.requireNonNull(resync)) : result;
    }

    public void add(ObjectKey key) {
        queue.add(key);
    }

    public void addAfter(ObjectKey key, Duration delay) {
        queue.addAfter(key, delay);
    }

    public WorkQueue<ObjectKey> queue() {
        return queue;
    }
}
