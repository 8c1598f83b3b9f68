package dev.coracle.apiserver.admission.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
import dev.cel.common.values.CelValueProvider;
import dev.cel.runtime.CelFunctionBinding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The types that mutations make values of: {@code JSONPatch}, and {@code Object} with {@code Object.spec} and all the
 * others below. An {@code Object} has any field; those that an expression speaks of are enough to check it by.
 */
@SuppressWarnings("Immutable")
final class MutationTypes implements CelTypeProvider {
    static final CelType OBJECT = StructTypeReference.create("Object");
    static final CelType PATCHES = ListType.create(StructTypeReference.create("JSONPatch"));
    static final CelValueProvider VALUES = (type, fields) -> Optional.of(new Made(type, Map.copyOf(fields)));

    private static final StructType PATCH = StructType.create(
            "JSONPatch",
            ImmutableSet.of("op", "path", "from", "value"),
            name -> Optional.of(name.equals("value") ? SimpleType.DYN : SimpleType.STRING));

    private final Set<String> fields;
    private final CelTypeProvider others;

    private MutationTypes(Set<String> fields, CelTypeProvider others) {
        this.fields = fields;
        this.others = others;
    }

    /**
     * For one expression. One that cannot be read speaks of nothing.
     *
     * @param others that it may speak of too
     */
    static MutationTypes of(CelValidationResult read, CelTypeProvider others) {
        Set<String> fields = new TreeSet<>();
        try {
            if (!read.hasError()) {
                CelNavigableAst.fromAst(read.getAst())
                        .getRoot()
                        .allNodes()
                        .map(CelNavigableExpr::expr)
                        .forEach(e -> spoken(e, fields));
            }
        } catch (CelValidationException e) {
            throw new IllegalStateException(e);
        }
        return new MutationTypes(fields, others);
    }

    private static void spoken(CelExpr e, Set<String> fields) {
        if (e.getKind() == CelExpr.ExprKind.Kind.STRUCT) {
            e.struct().entries().forEach(entry -> fields.add(entry.fieldKey()));
        } else if (e.getKind() == CelExpr.ExprKind.Kind.SELECT) {
            fields.add(e.select().field());
        }
    }

    @Override
    public ImmutableCollection<CelType> types() {
        return ImmutableList.<CelType>builder()
                .add(PATCH, object("Object"))
                .addAll(others.types())
                .build();
    }

    @Override
    public Optional<CelType> findType(String name) {
        if (name.equals("JSONPatch")) {
            return Optional.of(PATCH);
        }
        return name.equals("Object") || name.startsWith("Object.") ? Optional.of(object(name)) : others.findType(name);
    }

    private StructType object(String name) {
        return StructType.create(name, ImmutableSet.copyOf(fields), field -> Optional.of(SimpleType.DYN));
    }

    /** {@code jsonpatch.escapeKey}: a key as a step of a path. */
    static List<CelFunctionDecl> declarations() {
        return List.of(CelFunctionDecl.newFunctionDeclaration(
                "jsonpatch.escapeKey",
                CelOverloadDecl.newGlobalOverload(
                        "string_jsonpatch_escape_key_string", SimpleType.STRING, SimpleType.STRING)));
    }

    static List<CelFunctionBinding> bindings() {
        return List.of(CelFunctionBinding.from(
                "string_jsonpatch_escape_key_string",
                String.class,
                s -> s.replace("~", "~0").replace("/", "~1")));
    }
}
