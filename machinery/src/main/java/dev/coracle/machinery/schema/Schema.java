package dev.coracle.machinery.schema;

import dev.coracle.machinery.object.GroupVersionKind;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a value must look like. Definitions refer to each other, also in circles, so walk them only along a tree or
 * with a memory.
 */
public final class Schema {
    /** The shapes, finer than JSON's where Go's decoder is. */
    public enum Kind {
        /** Has {@link #properties}; others are unknown fields. */
        OBJECT("object", ""),
        /** Any keys, values as {@link #element}. */
        MAP("object", ""),
        LIST("array", ""),
        STRING("string", ""),
        /** A string of base64. */
        BYTES("string", "byte"),
        INT32("integer", "int32"),
        INT64("integer", "int64"),
        DOUBLE("number", "double"),
        BOOL("boolean", ""),
        /** RFC 3339, seconds. */
        TIME("string", "date-time"),
        /** RFC 3339, microseconds. */
        MICRO_TIME("string", "date-time"),
        /** As Go writes it: {@code 1h30m}. */
        DURATION("string", ""),
        /** {@code 500m}, {@code 1Gi}, or a number. */
        QUANTITY("string", ""),
        /** A port number or name, a count or percentage. */
        INT_OR_STRING("string", "int-or-string"),
        /** An object of a kind that is not known here; keeps unknown fields. */
        RAW("object", ""),
        /** Any JSON. */
        ANY("", "");

        private final String type;
        private final String format;

        Kind(String type, String format) {
            this.type = type;
            this.format = format;
        }

        /** OpenAPI's {@code type}, empty for any. */
        public String type() {
            return type;
        }

        /** OpenAPI's {@code format}, may be empty. */
        public String format() {
            return format;
        }
    }

    private final Kind kind;
    private final String name;
    private final String goType;
    private final @Nullable GroupVersionKind groupVersionKind;
    private final boolean atomic;
    private final Map<String, Property> properties;
    private final @Nullable Schema element;
    private final Supplier<String> description;

    private Schema(
            Kind kind,
            String name,
            String goType,
            @Nullable GroupVersionKind groupVersionKind,
            boolean atomic,
            Map<String, Property> properties,
            @Nullable Schema element,
            Supplier<String> description) {
        this.kind = kind;
        this.name = name;
        this.goType = goType;
        this.groupVersionKind = groupVersionKind;
        this.atomic = atomic;
        this.properties = properties;
        this.element = element;
        this.description = description;
    }

    static Schema definition(
            String name,
            @Nullable GroupVersionKind groupVersionKind,
            boolean atomic,
            Map<String, Property> properties,
            Supplier<String> description) {
        String[] parts = name.split("\\.");
        String goType = parts[parts.length - 2] + "." + parts[parts.length - 1];
        return new Schema(Kind.OBJECT, name, goType, groupVersionKind, atomic, properties, null, description);
    }

    static Schema scalar(Kind kind, String goType) {
        return new Schema(kind, "", goType, null, false, Map.of(), null, () -> "");
    }

    static Schema list(Schema element) {
        return new Schema(Kind.LIST, "", "[]" + element.goType, null, false, Map.of(), element, () -> "");
    }

    static Schema map(Schema values) {
        String goType = values.kind == Kind.QUANTITY ? "v1.ResourceList" : "map[string]" + values.goType;
        return new Schema(Kind.MAP, "", goType, null, false, Map.of(), values, () -> "");
    }

    public Kind kind() {
        return kind;
    }

    /** The OpenAPI definition's, {@code io.k8s.api.apps.v1.DeploymentSpec}; empty for what is not a definition. */
    public String name() {
        return name;
    }

    /** {@code DeploymentSpec}; empty for what is not a definition. */
    public String simpleName() {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** As Go prints it: {@code int32}, {@code v1.RestartPolicy}, {@code []v1.Container}. */
    public String goType() {
        return goType;
    }

    /** Present where this is a whole object with {@code apiVersion} and {@code kind}. */
    public Optional<GroupVersionKind> groupVersionKind() {
        return Optional.ofNullable(groupVersionKind);
    }

    /** Whether server-side apply owns it as a whole. */
    public boolean atomic() {
        return atomic;
    }

    /** By JSON name, in the order of the alphabet; empty unless {@link Kind#OBJECT}. */
    public Map<String, Property> properties() {
        return properties;
    }

    /**
     * The elements of a list or the values of a map.
     *
     * @throws IllegalStateException for other kinds
     */
    public Schema element() {
        if (element == null) {
            throw new IllegalStateException(kind + " has no elements");
        }
        return element;
    }

    /** The definition's; a property has its own. */
    public String description() {
        return description.get();
    }

    /** Whether fields that are not named here are kept. */
    public boolean preservesUnknownFields() {
        return kind == Kind.RAW || kind == Kind.ANY;
    }

    /**
     * The property at a path of names from here, elements of lists left out: {@code spec.template.spec.containers}.
     * Values of maps are not properties.
     */
    public Optional<Property> at(String path) {
        Schema in = this;
        Property found = null;
        for (String step : path.split("\\.")) {
            found = in.properties.get(step);
            if (found == null) {
                return Optional.empty();
            }
            in = found.schema();
            while (in.kind == Kind.LIST) {
                in = in.element();
            }
        }
        return Optional.ofNullable(found);
    }

    @Override
    public String toString() {
        return goType;
    }
}
