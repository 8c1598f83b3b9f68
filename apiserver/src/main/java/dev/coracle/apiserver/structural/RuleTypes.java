package dev.coracle.apiserver.structural;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What type each place of a schema has in an expression, as upstream's {@code SchemaDeclType}: a field that the
 * schema does not have cannot be named, a field of any content neither.
 */
// What it has read it keeps, under its lock; it always gives the same answers.
@SuppressWarnings("Immutable")
final class RuleTypes implements CelTypeProvider {
    private final Map<Node, Optional<CelType>> types = new IdentityHashMap<>();
    private final Map<String, CelType> structs = new HashMap<>();
    private final StructType metadata = struct(Map.of("name", SimpleType.STRING, "generateName", SimpleType.STRING));

    RuleTypes(Node root) {
        types.put(root, Optional.of(fields(root, true)));
    }

    /** Empty for what expressions cannot see. */
    synchronized Optional<CelType> of(Node n) {
        Optional<CelType> known = types.get(n);
        if (known == null) {
            known = Optional.ofNullable(read(n));
            types.put(n, known);
        }
        return known;
    }

    private @Nullable CelType read(Node n) {
        if (n.intOrString) {
            return SimpleType.DYN;
        }
        return switch (n.type) {
            case "integer" -> SimpleType.INT;
            case "number" -> SimpleType.DOUBLE;
            case "boolean" -> SimpleType.BOOL;
            case "string" ->
                switch (n.limits.format()) {
                    case "byte" -> SimpleType.BYTES;
                    case "duration" -> SimpleType.DURATION;
                    case "date", "date-time", "datetime" -> SimpleType.TIMESTAMP;
                    default -> SimpleType.STRING;
                };
            case "array" ->
                n.items == null ? null : of(n.items).map(ListType::create).orElse(null);
            case "object" -> {
                if (n.additional != null) {
                    yield of(n.additional)
                            .map(t -> MapType.create(SimpleType.STRING, t))
                            .orElse(null);
                }
                yield n.preserves && n.properties.isEmpty() && !n.embedded ? null : fields(n, n.embedded);
            }
            default -> null;
        };
    }

    private CelType fields(Node n, boolean whole) {
        Map<String, CelType> fields = new LinkedHashMap<>();
        n.properties.forEach((name, field) -> {
            String said = n.saying(name);
            if (said != null) {
                of(field).ifPresent(t -> fields.put(said, t));
            }
        });
        if (whole) {
            fields.put("apiVersion", SimpleType.STRING);
            fields.put("kind", SimpleType.STRING);
            fields.put("metadata", metadata);
        }
        return struct(fields);
    }

    private StructType struct(Map<String, CelType> fields) {
        StructType struct = StructType.create(
                "object" + structs.size(),
                ImmutableSet.copyOf(fields.keySet()),
                name -> Optional.ofNullable(fields.get(name)));
        structs.put(struct.name(), struct);
        return struct;
    }

    @Override
    public synchronized ImmutableCollection<CelType> types() {
        return ImmutableList.copyOf(structs.values());
    }

    @Override
    public synchronized Optional<CelType> findType(String name) {
        return Optional.ofNullable(structs.get(name));
    }
}
