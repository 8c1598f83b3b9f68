package dev.coracle.machinery.schema;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A field of an object: its schema, and how it merges. */
public final class Property {
    /** {@code x-kubernetes-list-type}. */
    public enum ListType {
        /** Replaced and owned as a whole; what a list is that says nothing. */
        ATOMIC,
        /** Scalars, each once. */
        SET,
        /** Objects that {@link #listKeys} tell apart. */
        MAP
    }

    /** What the generator wrote behind name and type. */
    record Flags(
            boolean required,
            @Nullable ListType listType,
            List<String> listKeys,
            boolean atomic,
            List<String> patchStrategy,
            @Nullable String patchMergeKey,
            @Nullable String defaultValue,
            List<String> values) {}

    private final String name;
    private final Supplier<Schema> resolve;
    private final Flags flags;
    private final Supplier<String> description;
    private volatile @Nullable Schema schema;

    Property(String name, Supplier<Schema> resolve, Flags flags, Supplier<String> description) {
        this.name = name;
        this.resolve = resolve;
        this.flags = flags;
        this.description = description;
    }

    public String name() {
        return name;
    }

    public Schema schema() {
        Schema s = schema;
        if (s == null) {
            s = resolve.get();
            schema = s;
        }
        return s;
    }

    public boolean required() {
        return flags.required();
    }

    public String description() {
        return description.get();
    }

    /** Empty where nothing is said. */
    public Optional<ListType> listType() {
        return Optional.ofNullable(flags.listType());
    }

    /** {@code x-kubernetes-list-map-keys}. */
    public List<String> listKeys() {
        return flags.listKeys();
    }

    /** Whether server-side apply owns the map or object as a whole ({@code x-kubernetes-map-type: atomic}). */
    public boolean atomic() {
        return flags.atomic();
    }

    /** {@code merge}, {@code retainKeys}, {@code replace}; mostly empty. */
    public List<String> patchStrategy() {
        return flags.patchStrategy();
    }

    /** By which field strategic merge patch merges the list; empty for scalars. */
    public Optional<String> patchMergeKey() {
        return Optional.ofNullable(flags.patchMergeKey());
    }

    /** The JSON of the default that the schema names; most defaulting is in no schema. */
    public Optional<String> defaultValue() {
        return Optional.ofNullable(flags.defaultValue());
    }

    /** The values that a string may have, where they are known; empty for any. */
    public List<String> values() {
        return flags.values();
    }

    @Override
    public String toString() {
        return name + " " + schema();
    }
}
