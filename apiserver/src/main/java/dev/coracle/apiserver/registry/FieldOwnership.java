package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.definition.CustomSchema;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.apply.ManagedFields;
import dev.coracle.machinery.patch.apply.ServerSideApply;
import dev.coracle.machinery.patch.apply.Structure;
import dev.coracle.machinery.schema.SchemaStructure;
import dev.coracle.machinery.schema.Schemas;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code metadata.managedFields} on its way through the registry: every write notes whose fields it changed, so that a
 * later apply knows what it may take away and whom it would overrule.
 *
 * <p>A client that sets the list to {@code []} or {@code [{}]} asks for a clean slate. Such an object is tracked no
 * more until the next apply, which finds all it has in the hands of {@code before-first-apply}.
 */
final class FieldOwnership {
    /** Of a kind that no schema describes, a list has one owner and a map one for each key. */
    static final Structure UNKNOWN = Structure.of(path -> null);

    private final Schemas schemas;
    private final Clock clock;

    FieldOwnership(Schemas schemas, Clock clock) {
        this.schemas = schemas;
        this.clock = clock;
    }

    private Structure structure(ResourceDefinition d) {
        return structure(d, schemas);
    }

    static Structure structure(ResourceDefinition d, Schemas schemas) {
        return d.schema()
                .map(CustomSchema::structure)
                .or(() -> schemas.of(d.kind()).map(SchemaStructure::new))
                .orElse(UNKNOWN);
    }

    void created(ResourceDefinition d, Unstructured object, WriteContext context) {
        if (wiped(object)) {
            object.remove("metadata", "managedFields");
        }
        ManagedFields.track(
                null, object, context.manager(), context.subresource(), structure(d), d.hasStatus(), clock.now());
    }

    /** @param next with what the client sent as managedFields */
    void updated(ResourceDefinition d, Unstructured old, Unstructured next, WriteContext context) {
        Object before = old.get("metadata", "managedFields");
        if (!context.subresource().isEmpty()) {
            next.set(before, "metadata", "managedFields");
        } else if (wiped(next)) {
            next.remove("metadata", "managedFields");
            return;
        }
        if (before == null) {
            next.remove("metadata", "managedFields");
            return;
        }
        ManagedFields.track(
                old, next, context.manager(), context.subresource(), structure(d), d.hasStatus(), clock.now());
    }

    Unstructured applied(
            ResourceDefinition d,
            @Nullable Unstructured live,
            Unstructured intent,
            boolean force,
            WriteContext context) {
        return new ServerSideApply(structure(d), d.hasStatus())
                .apply(live, intent, context.manager(), force, context.subresource(), clock.now());
    }

    private static boolean wiped(Unstructured object) {
        return object.get("metadata", "managedFields") instanceof List<?> list
                && (list.isEmpty() || list.size() == 1 && list.getFirst() instanceof Map<?, ?> m && m.isEmpty());
    }
}
