package dev.coracle.apiserver.admission.policy;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
import dev.coracle.apiserver.structural.Escapes;
import dev.coracle.machinery.schema.Schema;
import dev.coracle.machinery.schema.Schemas;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The types of whole kinds, as upstream's {@code SchemaDeclType} reads them from OpenAPI: a field of which the schema
 * does not say the one type (a quantity may be a string or a number) cannot be named.
 *
 * <p>Types are named by where they are and read when an expression comes to them, since kinds are large and
 * expressions speak of little: {@code Deployment1.spec.template.spec.containers.@idx}.
 */
// What it has read it keeps, under its lock; it always gives the same answers.
@SuppressWarnings("Immutable")
final class KindTypes implements CelTypeProvider {
    private static final String METADATA = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    private final Schemas schemas;
    private final Map<String, Supplier<Map<String, CelType>>> told = new HashMap<>();
    private final Map<String, StructType> read = new HashMap<>();

    KindTypes(Schemas schemas) {
        this.schemas = schemas;
    }

    /** @param name of the type, another for each kind */
    synchronized CelType of(String name, KindSchema kind) {
        CelType type = switch (kind) {
            case KindSchema.BuiltIn b -> type(b.schema(), name, Set.of());
            case KindSchema.Custom c -> type(c.openApi(), name, true);
        };
        return type == null ? SimpleType.DYN : type;
    }

    // ---- built-in kinds

    /** @param above the definitions that this one lies in: one that lies in itself ends there */
    private @Nullable CelType type(Schema s, String name, Set<String> above) {
        return switch (s.kind()) {
            case STRING, DURATION -> SimpleType.STRING;
            case BYTES -> SimpleType.BYTES;
            case INT32, INT64 -> SimpleType.INT;
            case DOUBLE -> SimpleType.DOUBLE;
            case BOOL -> SimpleType.BOOL;
            case TIME, MICRO_TIME -> SimpleType.TIMESTAMP;
            case INT_OR_STRING -> SimpleType.DYN;
            case QUANTITY, ANY -> null;
            case RAW -> struct(name, Map::of);
            case LIST -> list(type(s.element(), name + ".@idx", above));
            case MAP -> map(type(s.element(), name + ".@elem", above));
            case OBJECT -> struct(name, above.contains(s.name()) ? Map::of : () -> fields(s, name, above));
        };
    }

    private Map<String, CelType> fields(Schema s, String name, Set<String> above) {
        Set<String> within = new HashSet<>(above);
        within.add(s.name());
        Map<String, CelType> fields = new LinkedHashMap<>();
        s.properties().forEach((field, p) -> put(fields, field, type(p.schema(), name + "." + field, within)));
        return fields;
    }

    // ---- custom kinds

    private @Nullable CelType type(Map<?, ?> s, String name, boolean whole) {
        if (Boolean.TRUE.equals(s.get("x-kubernetes-int-or-string"))) {
            return SimpleType.DYN;
        }
        return switch (String.valueOf(s.get("type"))) {
            case "integer" -> SimpleType.INT;
            case "number" -> SimpleType.DOUBLE;
            case "boolean" -> SimpleType.BOOL;
            case "string" ->
                switch (String.valueOf(s.get("format"))) {
                    case "byte" -> SimpleType.BYTES;
                    case "duration" -> SimpleType.DURATION;
                    case "date", "date-time" -> SimpleType.TIMESTAMP;
                    default -> SimpleType.STRING;
                };
            case "array" -> s.get("items") instanceof Map<?, ?> items ? list(nested(items, name + ".@idx")) : null;
            case "object" ->
                s.get("additionalProperties") instanceof Map<?, ?> values
                        ? map(nested(values, name + ".@elem"))
                        : struct(name, () -> fields(s, name, whole));
            default -> null;
        };
    }

    private @Nullable CelType nested(Map<?, ?> s, String name) {
        return type(s, name, Boolean.TRUE.equals(s.get("x-kubernetes-embedded-resource")));
    }

    private Map<String, CelType> fields(Map<?, ?> s, String name, boolean whole) {
        Map<String, CelType> fields = new LinkedHashMap<>();
        if (s.get("properties") instanceof Map<?, ?> properties) {
            properties.forEach((field, p) ->
                    put(fields, (String) field, nested(p instanceof Map<?, ?> m ? m : Map.of(), name + "." + field)));
        }
        if (whole) {
            put(fields, "apiVersion", SimpleType.STRING);
            put(fields, "kind", SimpleType.STRING);
            put(fields, "metadata", type(schemas.named(METADATA).orElseThrow(), name + ".metadata", Set.of()));
        }
        return fields;
    }

    // ---- both

    private static @Nullable CelType list(@Nullable CelType elements) {
        return elements == null ? null : ListType.create(elements);
    }

    private static @Nullable CelType map(@Nullable CelType values) {
        return values == null ? null : MapType.create(SimpleType.STRING, values);
    }

    /** A word of the language is a name of a field as it is, too. */
    private static void put(Map<String, CelType> fields, String name, @Nullable CelType type) {
        if (type != null) {
            Escapes.escape(name).ifPresent(said -> {
                fields.put(said, type);
                if (said.equals("__" + name + "__")) {
                    fields.put(name, type);
                }
            });
        }
    }

    private CelType struct(String name, Supplier<Map<String, CelType>> fields) {
        told.put(name, fields);
        return StructTypeReference.create(name);
    }

    @Override
    public synchronized ImmutableCollection<CelType> types() {
        return ImmutableList.copyOf(read.values());
    }

    @Override
    public synchronized Optional<CelType> findType(String name) {
        StructType known = read.get(name);
        Supplier<Map<String, CelType>> fields = told.get(name);
        if (known == null && fields != null) {
            Map<String, CelType> all = fields.get();
            known = StructType.create(
                    name, ImmutableSet.copyOf(all.keySet()), field -> Optional.ofNullable(all.get(field)));
            read.put(name, known);
        }
        return Optional.ofNullable(known);
    }
}
