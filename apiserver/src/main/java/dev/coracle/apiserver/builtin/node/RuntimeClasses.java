package dev.coracle.apiserver.builtin.node;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.builtin.core.PodRules;
import dev.coracle.apiserver.builtin.core.ResourceRules;
import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.MetadataRules;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** By what, where and at what cost pods are run that ask for it. */
public final class RuntimeClasses {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "node.k8s.io", "v1", "RuntimeClass", "runtimeclasses")
            .amounts(o -> Amounts.map(o, "overhead", "podFixed"))
            .rules(RuntimeClasses::check)
            .columns(NAME, text("Handler", "handler"), AGE)
            .build();

    private RuntimeClasses() {}

    private static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        if (old != null) {
            if (!o.string("handler").equals(old.string("handler"))) {
                findings.invalid("handler", o.string("handler"), Findings.IMMUTABLE);
            }
            return;
        }
        findings.invalid("handler", o.string("handler"), Names.label(o.string("handler")));
        new ResourceRules(findings).limits(o.strings("overhead", "podFixed"), "overhead");
        new MetadataRules(findings).labels(o.strings("scheduling", "nodeSelector"), "scheduling.nodeSelector");
        List<Unstructured> tolerations = o.objects("scheduling", "tolerations");
        new PodRules(findings).tolerations(tolerations, "scheduling.tolerations");
        Set<List<String>> seen = new HashSet<>();
        for (int i = 0; i < tolerations.size(); i++) {
            Unstructured t = tolerations.get(i);
            if (!seen.add(List.of(t.string("key"), t.string("operator"), t.string("value"), t.string("effect")))) {
                findings.duplicate("scheduling.tolerations[" + i + "]", t);
            }
        }
    }
}
