package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A column of a {@code meta.k8s.io/v1 Table}.
 *
 * @param type {@code string}, {@code integer}, {@code boolean}, {@code date}…
 * @param format {@code name} for the one that names the object, else mostly {@code ""}
 * @param priority 0 is always shown, more than that with {@code -o wide} alone
 */
public record Column(String name, String type, String format, String description, int priority, Cell cell) {
    /** What a row shows here: a string, a number or a flag; null where there is nothing. */
    @FunctionalInterface
    public interface Cell {
        @Nullable
        Object of(Unstructured o, Instant now);
    }

    public Column wide() {
        return new Column(name, type, format, description, 1, cell);
    }
}
