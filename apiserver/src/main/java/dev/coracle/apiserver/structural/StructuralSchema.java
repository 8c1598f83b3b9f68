package dev.coracle.apiserver.structural;

import dev.coracle.apiserver.definition.CustomSchema;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.apply.Structure;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a version's {@code openAPIV3Schema} says of its objects. It never changes; share it between threads.
 *
 * <pre>{@code
 * CustomSchema schema = StructuralSchema.parse(version.object("schema", "openAPIV3Schema").map());
 * schema.prune(o.map(), path -> warn("unknown field " + path));
 * schema.complete(o);
 * schema.check(findings, o, null);
 * }</pre>
 */
public final class StructuralSchema implements CustomSchema {
    /** An object with one of these is not what its rules were checked for. */
    private static final Set<String> BLOCKING =
            Set.of("FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid");

    private static final Cause BLOCKED = new Cause(
            "FieldValueInvalid",
            "Invalid value: \"null\": some validation rules were not checked because the object was invalid; correct the"
                    + " existing errors to complete validation",
            "<nil>");

    /**
     * What is made of a schema for the first object that is held against it.
     *
     * @param rules null where there are none
     */
    private record Read(
            Node root, CustomStructure structure, @Nullable RuleSet rules) {
        static Read of(Map<String, Object> told) {
            Node root = Node.of(told);
            return new Read(root, new CustomStructure(root), root.rulesWithin ? new RuleSet(root) : null);
        }
    }

    /** JSON: a tenth of the tree, and of most of a cluster's hundreds of schemas nothing else is ever needed. */
    private final byte[] told;

    private volatile @Nullable Read read;

    private StructuralSchema(byte[] told) {
        this.told = told;
    }

    /** @param openAPIV3Schema a {@code JSONSchemaProps}; what is wrong with it has no effect */
    public static StructuralSchema parse(Map<String, Object> openAPIV3Schema) {
        return new StructuralSchema(Json.bytes(openAPIV3Schema));
    }

    private Read read() {
        Read known = read;
        if (known == null) {
            synchronized (this) {
                known = read;
                if (known == null) {
                    known = Read.of(openApi());
                    read = known;
                }
            }
        }
        return known;
    }

    /** Whether an object has come yet. */
    boolean isRead() {
        return read != null;
    }

    @Override
    public void prune(Map<String, Object> object, Consumer<String> unknown) {
        Pruning.prune(read().root(), object, true, unknown);
    }

    @Override
    public void complete(Unstructured o) {
        Completion.complete(read().root(), o.map());
    }

    @Override
    public void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        Findings found = new Findings();
        values(found, o, old);
        RuleSet rules = read().rules();
        if (rules != null) {
            if (found.causes().stream().anyMatch(c -> BLOCKING.contains(c.reason()))) {
                found.causes().add(BLOCKED);
            } else {
                RuleCheck.check(rules, found, o.map(), old == null ? null : old.map());
            }
        }
        findings.causes().addAll(found.causes());
    }

    private void values(Findings findings, Unstructured o, @Nullable Unstructured old) {
        Node root = read().root();
        findings.causes().addAll(ValueCheck.check(root, o.map(), old == null ? null : old.map()));
        // The caller knows the rules of its names; that metadata can be read at all is for the schema to see to.
        Optional<String> wrong = EmbeddedObject.wrong(o.get("metadata"));
        wrong.ifPresent(why -> findings.invalid("metadata", o.get("metadata"), why));
        EmbeddedCheck.check(findings, root, o.map());
        if (root.uniqueWithin && (old == null || unique(old))) {
            UniqueCheck.check(findings, root, o.map());
        }
    }

    /** Who brought duplicates in before there was a rule may keep them. */
    private boolean unique(Unstructured old) {
        Findings before = new Findings();
        UniqueCheck.check(before, read().root(), old.map());
        return before.causes().isEmpty();
    }

    @Override
    public Structure structure() {
        return read().structure();
    }

    @Override
    public Map<String, Object> openApi() {
        return Unstructured.parse(told).map();
    }
}
