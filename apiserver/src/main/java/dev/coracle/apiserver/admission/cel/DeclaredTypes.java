package dev.coracle.apiserver.admission.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The types that an expression's variables have where they are known: what a request is, what a namespace, which
 * variables a policy has before the one that is read. What is not among their fields cannot be named.
 */
@SuppressWarnings("Immutable")
final class DeclaredTypes implements CelTypeProvider {
    /** A policy's own variables. */
    private static final String VARIABLES = "kubernetes.variables";

    private static final CelType TEXTS = ListType.create(SimpleType.STRING);
    private static final CelType LABELS = MapType.create(SimpleType.STRING, SimpleType.STRING);

    private static final StructType KIND = texts("kubernetes.GroupVersionKind", "group", "version", "kind");
    private static final StructType RESOURCE = texts("kubernetes.GroupVersionResource", "group", "version", "resource");
    private static final StructType USER = struct(
            "kubernetes.UserInfo",
            Map.of(
                    "username",
                    SimpleType.STRING,
                    "uid",
                    SimpleType.STRING,
                    "groups",
                    TEXTS,
                    "extra",
                    MapType.create(SimpleType.STRING, TEXTS)));
    static final StructType REQUEST = struct(
            "kubernetes.AdmissionRequest",
            Map.ofEntries(
                    Map.entry("kind", KIND),
                    Map.entry("resource", RESOURCE),
                    Map.entry("subResource", SimpleType.STRING),
                    Map.entry("requestKind", KIND),
                    Map.entry("requestResource", RESOURCE),
                    Map.entry("requestSubResource", SimpleType.STRING),
                    Map.entry("name", SimpleType.STRING),
                    Map.entry("namespace", SimpleType.STRING),
                    Map.entry("operation", SimpleType.STRING),
                    Map.entry("userInfo", USER),
                    Map.entry("dryRun", SimpleType.BOOL),
                    Map.entry("options", SimpleType.DYN)));

    private static final StructType CONDITION = struct(
            "kubernetes.NamespaceCondition",
            Map.of(
                    "status",
                    SimpleType.STRING,
                    "type",
                    SimpleType.STRING,
                    "lastTransitionTime",
                    SimpleType.TIMESTAMP,
                    "message",
                    SimpleType.STRING,
                    "reason",
                    SimpleType.STRING));
    private static final StructType STATUS = struct(
            "kubernetes.NamespaceStatus", Map.of("conditions", ListType.create(CONDITION), "phase", SimpleType.STRING));
    private static final StructType SPEC = struct("kubernetes.NamespaceSpec", Map.of("finalizers", TEXTS));
    private static final StructType METADATA = struct(
            "kubernetes.NamespaceMetadata",
            Map.ofEntries(
                    Map.entry("name", SimpleType.STRING),
                    Map.entry("generateName", SimpleType.STRING),
                    Map.entry("namespace", SimpleType.STRING),
                    Map.entry("labels", LABELS),
                    Map.entry("annotations", LABELS),
                    // So upstream has it, though no namespace has a field of that name.
                    Map.entry("UID", SimpleType.STRING),
                    Map.entry("creationTimestamp", SimpleType.TIMESTAMP),
                    Map.entry("deletionGracePeriodSeconds", SimpleType.INT),
                    Map.entry("deletionTimestamp", SimpleType.TIMESTAMP),
                    Map.entry("generation", SimpleType.INT),
                    Map.entry("resourceVersion", SimpleType.STRING),
                    Map.entry("finalizers", TEXTS)));
    static final StructType NAMESPACE =
            struct("kubernetes.Namespace", Map.of("metadata", METADATA, "spec", SPEC, "status", STATUS));

    private static final Map<String, CelType> ALWAYS =
            byName(KIND, RESOURCE, USER, REQUEST, CONDITION, STATUS, SPEC, METADATA, NAMESPACE);

    private final StructType variables;
    private final CelTypeProvider others;

    /** @param others of what is not declared here: those of objects */
    DeclaredTypes(Map<String, CelType> variables, CelTypeProvider others) {
        this.variables = struct(VARIABLES, variables);
        this.others = others;
    }

    /** What {@code variables} is. */
    CelType variables() {
        return variables;
    }

    /** There are none but those that are declared. */
    static final class None implements CelTypeProvider {
        @Override
        public ImmutableCollection<CelType> types() {
            return ImmutableList.of();
        }

        @Override
        public Optional<CelType> findType(String name) {
            return Optional.empty();
        }
    }

    /** A variable is of the type of its expression, as far as that is not an object's. */
    static CelType ofVariable(CelType made) {
        return switch (made) {
            case ListType list -> ListType.create(ofVariable(list.elemType()));
            case MapType map -> MapType.create(ofVariable(map.keyType()), ofVariable(map.valueType()));
            case SimpleType simple when !simple.equals(SimpleType.ERROR) -> simple;
            default -> SimpleType.DYN;
        };
    }

    private static StructType texts(String name, String... fields) {
        Map<String, CelType> all = new LinkedHashMap<>();
        for (String field : fields) {
            all.put(field, SimpleType.STRING);
        }
        return struct(name, all);
    }

    private static StructType struct(String name, Map<String, ? extends CelType> fields) {
        Map<String, CelType> all = Map.copyOf(fields);
        return StructType.create(name, ImmutableSet.copyOf(all.keySet()), field -> Optional.ofNullable(all.get(field)));
    }

    private static Map<String, CelType> byName(StructType... types) {
        Map<String, CelType> all = new LinkedHashMap<>();
        for (StructType type : types) {
            all.put(type.name(), type);
        }
        return all;
    }

    @Override
    public ImmutableCollection<CelType> types() {
        return ImmutableList.<CelType>builder()
                .addAll(ALWAYS.values())
                .add(variables)
                .addAll(others.types())
                .build();
    }

    @Override
    public Optional<CelType> findType(String name) {
        if (name.equals(VARIABLES)) {
            return Optional.of(variables);
        }
        CelType declared = ALWAYS.get(name);
        return declared != null ? Optional.of(declared) : others.findType(name);
    }
}
