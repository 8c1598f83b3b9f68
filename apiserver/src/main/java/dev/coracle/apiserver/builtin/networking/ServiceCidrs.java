package dev.coracle.apiserver.builtin.networking;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.AddressRange;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** From which ranges Services have their addresses. */
public final class ServiceCidrs {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs")
            .subresources("status")
            .rules(ServiceCidrs::check)
            .columns(NAME, text("CIDRs", o -> String.join(",", o.stringList("spec", "cidrs"))), AGE)
            .build();

    private ServiceCidrs() {}

    private static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        List<String> ranges = o.stringList("spec", "cidrs");
        if (old != null) {
            if (!Objects.equals(o.get("spec", "cidrs"), old.get("spec", "cidrs"))) {
                findings.invalid("spec.cidrs", o.get("spec", "cidrs"), Findings.IMMUTABLE);
            }
            return;
        }
        if (ranges.isEmpty()) {
            findings.required("spec.cidrs", "at least one CIDR required");
        } else if (ranges.size() > 2) {
            findings.invalid("spec.cidrs", o.get("spec"), "may only hold up to 2 values");
        } else if (ranges.size() == 2 && !differ(ranges)) {
            findings.invalid(
                    "spec.cidrs",
                    o.get("spec"),
                    "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
        } else {
            for (int i = 0; i < ranges.size(); i++) {
                findings.invalid("spec.cidrs[" + i + "]", ranges.get(i), AddressRange.strict(ranges.get(i)));
            }
        }
    }

    private static boolean differ(List<String> ranges) {
        return ranges.stream()
                        .flatMap(r -> AddressRange.parse(r).stream())
                        .map(AddressRange::isFour)
                        .distinct()
                        .count()
                == 2;
    }
}
