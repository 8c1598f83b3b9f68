package dev.coracle.apiserver.builtin.networking;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Addresses;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import io.netty.util.NetUtil;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whose an address is: its name is the address. */
public final class IpAddresses {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "networking.k8s.io", "v1", "IPAddress", "ipaddresses")
            .shortNames("ip")
            .names(IpAddresses::name)
            .rules(IpAddresses::check)
            .selectable("spec.parentRef.resource", "spec.parentRef.name", "spec.parentRef.namespace")
            .columns(NAME, text("ParentRef", IpAddresses::parent), AGE)
            .build();

    private IpAddresses() {}

    private static List<String> name(String name) {
        return Addresses.parse(name)
                .map(NetUtil::toAddressString)
                .map(canonical -> canonical.equals(name)
                        ? List.<String>of()
                        : List.of("must be in canonical form (\"" + canonical + "\")"))
                .orElseGet(() -> Addresses.any(name));
    }

    private static String parent(Unstructured o) {
        Unstructured p = o.object("spec", "parentRef");
        String group = p.string("group");
        String resource = group.isEmpty() ? p.string("resource") : p.string("resource") + "." + group;
        return p.map().isEmpty() ? "<none>" : resource + "/" + p.string("namespace") + "/" + p.string("name");
    }

    private static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        Unstructured parent = o.object("spec", "parentRef");
        if (old != null) {
            if (!Objects.equals(o.get("spec", "parentRef"), old.get("spec", "parentRef"))) {
                findings.invalid("spec.parentRef", o.get("spec", "parentRef"), Findings.IMMUTABLE);
            }
            return;
        }
        if (!o.has("spec", "parentRef")) {
            findings.required("spec.parentRef", "");
            return;
        }
        if (!parent.string("group").isEmpty()) {
            findings.invalid("spec.parentRef.group", parent.string("group"), Names.subdomain(parent.string("group")));
        }
        for (String field : List.of("resource", "name")) {
            if (findings.needed(parent, "spec.parentRef", field)) {
                segment(findings, parent, field);
            }
        }
        segment(findings, parent, "namespace");
    }

    private static void segment(Findings findings, Unstructured parent, String field) {
        findings.invalid("spec.parentRef." + field, parent.string(field), Names.pathSegment(parent.string(field)));
    }
}
