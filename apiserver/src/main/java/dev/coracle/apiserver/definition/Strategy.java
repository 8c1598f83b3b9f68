package dev.coracle.apiserver.definition;

import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToLongBiFunction;

/**
 * What the server decides about a kind's objects, where it differs from kind to kind: upstream's {@code strategy.go}.
 *
 * @param generations whether {@code metadata.generation} counts the changes of what is desired
 * @param desires whether what is desired differs between two objects
 * @param bringsStatus whether a client may send a status when it creates; else objects begin without one
 * @param versionedUpdates whether a writer must say what version it has seen
 * @param life how long an object is kept after its last write; {@link Duration#ZERO} for as long as nobody deletes it
 * @param created completes a new object after admission
 * @param updated puts back in the first, which is to be stored, what a write of the whole may not change in the second
 * @param statusUpdated the same for a write of the status
 * @param statusResets beside the spec, the paths that a write of the status leaves alone
 * @param grace how many seconds an object has to end, unless it is gone at once
 * @param deleting marks an object that is about to be deleted
 * @param orphans whether a deletion that does not say what becomes of the dependents leaves them behind
 * @param held whether something beside finalizers holds an object that is being deleted
 */
public record Strategy(
        boolean generations,
        BiPredicate<Unstructured, Unstructured> desires,
        boolean bringsStatus,
        boolean versionedUpdates,
        Duration life,
        Consumer<Unstructured> created,
        BiConsumer<Unstructured, Unstructured> updated,
        BiConsumer<Unstructured, Unstructured> statusUpdated,
        List<List<String>> statusResets,
        ToLongBiFunction<Unstructured, DeleteOptions> grace,
        Consumer<Unstructured> deleting,
        boolean orphans,
        Predicate<Unstructured> held) {}
