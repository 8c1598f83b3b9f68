package dev.coracle.apiserver.registry;

import dev.coracle.machinery.object.Revision;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A filter that only objects can pass of which a field has one value: others need not be looked at, nor be readable.
 *
 * @param field {@code metadata.name}, {@code spec.nodeName}; the same field is always read alike
 */
public record Pinned(String field, Function<Revision, String> read, String value, Predicate<Revision> filter)
        implements Predicate<Revision> {
    private static final String NAME = "metadata.name";

    /** One that a name alone can pass. */
    public static Pinned named(String name, Predicate<Revision> filter) {
        return new Pinned(NAME, Revision::name, name, filter);
    }

    @Override
    public boolean test(Revision r) {
        return filter.test(r);
    }

    /** The one name that can pass; {@code ""} where several may. */
    static String name(Predicate<Revision> filter) {
        return filter instanceof Pinned p && p.field.equals(NAME) ? p.value : "";
    }
}
