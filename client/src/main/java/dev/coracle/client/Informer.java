package dev.coracle.client;

import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Revision;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A local copy of a resource, kept fresh by list and watch, with indexes; as {@code client-go/tools/cache}. Shared by
 * all who ask the same {@link Informers} for the same resource.
 */
public interface Informer {
    Optional<Revision> get(ObjectKey key);

    default Optional<Revision> get(String namespace, String name) {
        return get(new ObjectKey(namespace, name));
    }

    /** A snapshot of everything. */
    List<Revision> list();

    /** A snapshot of one namespace. */
    List<Revision> list(String namespace);

    /**
     * Adds an index; before or after the informer has started.
     *
     * @param keys the index keys of one object, e.g. the node a pod is on
     */
    void index(String name, Function<Revision, List<String>> keys);

    /** The objects that the index files under {@code key}: costs as much as there are results. */
    List<Revision> byIndex(String name, String key);

    /**
     * Tells {@code handler} of everything there is (as additions) and then of every change. Calls come one at a time, in
     * order, and must not block. They may look into this copy, which shows the change, and into others.
     */
    void handle(Handler handler);

    /** Whether the first list has arrived and was told to the handlers. */
    boolean synced();

    /** Runs {@code task} once {@link #synced}: at once where that is so already, as it is with a copy without a server. */
    default void whenSynced(Runnable task) {
        task.run();
    }

    /** Told of each change to the copy; {@code before == null} is an addition, {@code after == null} a deletion. */
    @FunctionalInterface
    interface Handler {
        void onChange(@Nullable Revision before, @Nullable Revision after);
    }
}
