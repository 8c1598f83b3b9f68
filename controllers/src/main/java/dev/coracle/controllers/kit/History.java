package dev.coracle.controllers.kit;

import dev.coracle.client.Client;
import dev.coracle.client.Informer;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The templates that an owner had, each kept as a ControllerRevision; as {@code pkg/controller/history}. A revision is
 * named by the owner and a hash of its data and numbered as it came; one that is wanted again gets the next number.
 *
 * <p>Example: a template A makes {@code web-a} 1, another B {@code web-b} 2; back to A, {@code web-a} becomes 3.
 */
public final class History {
    /** The label with the hash, where a kind has no other. */
    public static final String HASH = "controller.kubernetes.io/hash";

    private static final int LONGEST_PREFIX = 223;

    private final Client client;
    private final Claims claims;

    /**
     * The revision of the owner's template.
     *
     * @param collisions the owner's {@code status.collisionCount} from now on
     */
    public record Current(Unstructured revision, long collisions) {}

    /** @param revisions the informer of ControllerRevisions */
    public History(Client client, GroupVersionResource owners, Informer revisions) {
        this.client = client;
        this.claims = new Claims(client, owners, revisions);
    }

    /** For {@link Loop#adopts}. */
    public Claims claims() {
        return claims;
    }

    /** The owner's revisions after adopting and releasing, the newest last. */
    public List<Unstructured> of(Unstructured owner) {
        List<Unstructured> revisions = new ArrayList<>(claims.of(owner));
        revisions.sort(Comparator.<Unstructured>comparingLong(History::number)
                .thenComparing(r -> r.string("metadata", "creationTimestamp"))
                .thenComparing(Unstructured::name));
        return revisions;
    }

    public static long number(Unstructured revision) {
        return revision.integer(0, "revision");
    }

    /**
     * What a revision keeps: a strategic merge patch that puts the template back. By the order of names, for clients know
     * the template they have by its bytes.
     */
    public static Unstructured data(Unstructured owner) {
        Unstructured template = owner.copy().object("spec", "template").set("replace", "$patch");
        return new Unstructured(new LinkedHashMap<>()).set(sorted(template.map()), "spec", "template");
    }

    private static Object sorted(Object tree) {
        return switch (tree) {
            case Map<?, ?> map -> {
                Map<String, Object> sorted = new TreeMap<>();
                map.forEach((name, value) -> {
                    if (value != null) {
                        sorted.put((String) name, sorted(value));
                    }
                });
                yield sorted;
            }
            case List<?> list ->
                new ArrayList<>(list.stream().map(History::sorted).toList());
            default -> tree;
        };
    }

    /** The template that a revision keeps, to be changed at will. */
    public static Unstructured template(Unstructured revision) {
        return revision.copy().object("data", "spec", "template").remove("$patch");
    }

    /**
     * The revision of the owner's template: an equal one, made the newest if it is not, or a new one.
     *
     * @param revisions as {@link #of} gives them
     * @param hashLabel {@link #HASH}, or the kind's own
     */
    public Current current(Unstructured owner, List<Unstructured> revisions, String hashLabel) {
        Unstructured data = data(owner);
        long collisions = owner.integer(0, "status", "collisionCount");
        long newest = revisions.isEmpty() ? 0 : number(revisions.getLast());
        Unstructured equal = revisions.reversed().stream()
                .filter(r -> r.object("data").equals(data))
                .findFirst()
                .orElse(null);
        if (equal == null) {
            return create(owner, data, newest + 1, hashLabel, collisions);
        }
        if (equal.equals(revisions.getLast())) {
            return new Current(equal, collisions);
        }
        Unstructured next = equal.copy().set(newest + 1, "revision");
        Revision written = client.update(Resources.CONTROLLER_REVISIONS, next, WriteOptions.DEFAULT);
        return new Current(written.object(), collisions);
    }

    /** Of a name that is taken by other data, or by another's revision, the next hash is tried. */
    private Current create(Unstructured owner, Unstructured data, long number, String hashLabel, long collisions) {
        for (long c = collisions; ; c++) {
            Unstructured revision = revision(owner, data, number, hashLabel, c);
            try {
                Revision made = client.create(
                        Resources.CONTROLLER_REVISIONS, owner.namespace(), revision, WriteOptions.DEFAULT);
                return new Current(made.object(), c);
            } catch (StatusException e) {
                if (!e.isAlreadyExists()) {
                    throw e;
                }
            }
            Unstructured there = client.get(Resources.CONTROLLER_REVISIONS, owner.namespace(), revision.name())
                    .object();
            boolean ours = there.controllerOf()
                    .filter(o -> o.uid().equals(owner.uid()))
                    .isPresent();
            if (ours && there.object("data").equals(data)) {
                // Made before, and not seen yet.
                return new Current(there, c);
            }
        }
    }

    private static Unstructured revision(
            Unstructured owner, Unstructured data, long number, String hashLabel, long collisions) {
        String hash = ContentHash.of(data, collisions);
        String prefix =
                owner.name().substring(0, Math.min(LONGEST_PREFIX, owner.name().length()));
        Unstructured revision =
                Unstructured.of("apps/v1", "ControllerRevision", owner.namespace(), prefix + "-" + hash);
        Map<String, String> labels = new LinkedHashMap<>(owner.strings("spec", "template", "metadata", "labels"));
        labels.put(hashLabel, hash);
        // What was said of the change with the owner is said with its revision, too.
        Map<String, String> annotations = owner.annotations();
        return revision.set(labels, "metadata", "labels")
                .set(annotations.isEmpty() ? null : annotations, "metadata", "annotations")
                .addOwner(Owned.reference(owner))
                .set(data.copy(), "data")
                .set(number, "revision");
    }

    /**
     * Deletes the oldest revisions beyond the limit; those in use are kept, and do not count.
     *
     * @param used whether a revision is in use: the current one, the one before it, or that of some pod
     * @param limit {@code revisionHistoryLimit}
     */
    public void truncate(List<Unstructured> revisions, Predicate<Unstructured> used, long limit) {
        List<Unstructured> past =
                revisions.stream().filter(r -> !used.test(r) && !r.isDeleting()).toList();
        past.stream()
                .limit(Math.max(0, past.size() - Math.max(0, limit)))
                .forEach(r -> Live.delete(client, Resources.CONTROLLER_REVISIONS, r));
    }
}
