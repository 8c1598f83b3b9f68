package dev.coracle.apiserver.builtin.apps;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Unstructured;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a controller's object looked like once, so that it can be so again. */
public final class ControllerRevisions {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "apps", "v1", "ControllerRevision", "controllerrevisions")
            .rules(ControllerRevisions::check)
            .columns(
                    NAME,
                    text("Controller", ControllerRevisions::controller),
                    text("Revision", o -> String.valueOf(o.integer(0, "revision"))),
                    AGE)
            .build();

    private ControllerRevisions() {}

    private static String controller(Unstructured o) {
        return o.controllerOf().map(ControllerRevisions::named).orElse("<none>");
    }

    private static String named(OwnerReference owner) {
        int slash = owner.apiVersion().indexOf('/');
        String group = slash < 0 ? "" : "." + owner.apiVersion().substring(0, slash);
        return owner.kind().toLowerCase(Locale.ROOT) + group + "/" + owner.name();
    }

    private static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        Object data = o.get("data");
        if (data == null) {
            findings.required("data", "data is mandatory");
        }
        if (o.integer(0, "revision") < 0) {
            findings.invalid("revision", o.integer(0, "revision"), Findings.NOT_NEGATIVE);
        }
        if (old != null && !Objects.equals(data, old.get("data"))) {
            findings.invalid("data", data, Findings.IMMUTABLE);
        }
    }
}
