package dev.coracle.apiserver.admission.policy;

import dev.cel.common.types.CelType;
import dev.coracle.apiserver.admission.cel.Expressions;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.Schemas;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Whether what a ValidatingAdmissionPolicy says can be said of the kinds that it is about. A policy that is wrong here
 * stands nevertheless: what comes of this are warnings.
 *
 * <p>It has no part in admission. Who writes the warnings down, by {@link #check}, has the schemas.
 */
public final class TypeChecking {
    /** As upstream, so that one policy cannot take all the time. */
    private static final int MOST_KINDS = 10;

    private static final Comparator<GroupVersionKind> ORDER = Comparator.comparing(GroupVersionKind::group)
            .thenComparing(GroupVersionKind::version)
            .thenComparing(GroupVersionKind::kind);

    /** What kinds there are. */
    public interface Kinds {
        /** Of the resource in this very version; a resource of group {@code ""} may be of any. */
        List<GroupVersionKind> of(GroupVersionResource resource);

        Optional<KindSchema> schema(GroupVersionKind kind);
    }

    /**
     * @param fieldRef where the expression is
     * @param warning what is wrong with it for each kind
     */
    public record Warning(String fieldRef, String warning) {}

    private final Schemas schemas;
    private final Kinds kinds;

    public TypeChecking(Schemas schemas, Kinds kinds) {
        this.schemas = schemas;
        this.kinds = kinds;
    }

    /** In the order of the policy's expressions. */
    public List<Warning> check(Unstructured policy) {
        Map<GroupVersionKind, Expressions> languages = new LinkedHashMap<>();
        Unstructured spec = policy.object("spec");
        for (GroupVersionKind kind : concerned(spec)) {
            kinds.schema(kind).ifPresent(schema -> languages.put(kind, language(spec, kind, schema)));
        }
        List<Warning> warnings = new ArrayList<>();
        int i = 0;
        for (Unstructured v : spec.objects("validations")) {
            String path = "spec.validations[" + i++ + "].";
            check(warnings, languages, v.string("expression"), path + "expression");
            if (!v.string("messageExpression").isEmpty()) {
                check(warnings, languages, v.string("messageExpression"), path + "messageExpression");
            }
        }
        return List.copyOf(warnings);
    }

    private static void check(
            List<Warning> warnings, Map<GroupVersionKind, Expressions> languages, String expression, String path) {
        List<String> found = new ArrayList<>();
        languages.forEach((kind, language) -> {
            String issues = language.issues(expression);
            if (!issues.isEmpty()) {
                found.add(kind.group() + "/" + kind.version() + ", Kind=" + kind.kind() + ": " + issues + "\n");
            }
        });
        if (!found.isEmpty()) {
            warnings.add(new Warning(path, String.join("\n", found)));
        }
    }

    private Expressions language(Unstructured spec, GroupVersionKind kind, KindSchema schema) {
        KindTypes types = new KindTypes(schemas);
        Map<String, CelType> objects = new LinkedHashMap<>();
        CelType object = types.of(kind.kind() + "1", schema);
        objects.put("object", object);
        objects.put("oldObject", object);
        if (spec.has("paramKind")) {
            GroupVersionKind params =
                    GroupVersionKind.of(spec.string("paramKind", "apiVersion"), spec.string("paramKind", "kind"));
            kinds.schema(params).ifPresent(s -> objects.put("params", types.of(params.kind() + "2", s)));
        }
        Expressions language = Expressions.checking(objects, types);
        for (Unstructured v : spec.objects("variables")) {
            language = language.and(v.string("name"), v.string("expression"));
        }
        return language;
    }

    // ---- which kinds

    private Collection<GroupVersionKind> concerned(Unstructured spec) {
        TreeSet<GroupVersionKind> found = new TreeSet<>(ORDER);
        for (Unstructured rule : spec.objects("matchConstraints", "resourceRules")) {
            if (full(rule, found)) {
                return found;
            }
        }
        return found;
    }

    /** Whether one rule alone names as many kinds as are looked at; others are then left out. */
    private boolean full(Unstructured rule, Collection<GroupVersionKind> found) {
        int count = 0;
        for (String group : named(rule.stringList("apiGroups"))) {
            for (String version : named(rule.stringList("apiVersions"))) {
                for (String resource : resources(rule)) {
                    for (GroupVersionKind kind : kinds.of(new GroupVersionResource(group, version, resource))) {
                        found.add(kind);
                        if (++count == MOST_KINDS) {
                            return true;
                        }
                    }
                }
            }
        }
        return false;
    }

    /** None where they are all. */
    private static List<String> named(List<String> names) {
        return names.stream().anyMatch(n -> n.contains("*"))
                ? List.of()
                : names.stream().sorted().toList();
    }

    private static List<String> resources(Unstructured rule) {
        return rule.stringList("resources").stream()
                .filter(r -> !r.contains("*") && !r.contains("/"))
                .sorted()
                .toList();
    }
}
