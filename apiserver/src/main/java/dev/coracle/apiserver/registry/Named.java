package dev.coracle.apiserver.registry;

import dev.coracle.machinery.object.Revision;
import java.util.function.Predicate;

/** A filter that one name alone can pass: others need not be readable. */
public record Named(String name, Predicate<Revision> filter) implements Predicate<Revision> {
    @Override
    public boolean test(Revision r) {
        return filter.test(r);
    }

    /** {@code ""} where it may pass several. */
    static String of(Predicate<Revision> filter) {
        return filter instanceof Named n ? n.name() : "";
    }
}
