package dev.coracle.apiserver.builtin.rbac;

import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.stream.Collectors;

/** What both kinds of bindings share: how they are completed, and how shown. */
final class BindingColumns {
    static final Column ROLE = text("Role", o -> o.string("roleRef", "kind") + "/" + o.string("roleRef", "name"));

    private BindingColumns() {}

    static void complete(Unstructured o) {
        if (o.has("roleRef")) {
            absent(o, RbacRules.GROUP, "roleRef", "apiGroup");
        }
        for (Unstructured s : o.objects("subjects")) {
            if (List.of("User", "Group").contains(s.string("kind"))) {
                absent(s, RbacRules.GROUP, "apiGroup");
            }
        }
    }

    static Column subjects(String name, String kind) {
        return text(
                        name,
                        o -> o.objects("subjects").stream()
                                .filter(s -> s.string("kind").equals(kind))
                                .map(s -> kind.equals("ServiceAccount")
                                        ? s.string("namespace") + "/" + s.string("name")
                                        : s.string("name"))
                                .collect(Collectors.joining(", ")))
                .wide();
    }
}
