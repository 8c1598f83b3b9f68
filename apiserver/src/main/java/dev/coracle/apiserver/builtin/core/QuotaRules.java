package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.List;
import java.util.Map;

/** Rules for quotas and limit ranges. */
final class QuotaRules {
    private final Findings findings;

    QuotaRules(Findings findings) {
        this.findings = findings;
    }

    void quota(Unstructured o) {
        o.strings("spec", "hard").forEach((r, amount) -> {
            findings.invalid("spec.hard[" + r + "]", r, Names.qualified(r.replace('.', '-')));
            new ResourceRules(findings).notNegative(amount, "spec.hard[" + r + "]");
        });
    }

    void limits(Unstructured o) {
        List<Unstructured> limits = o.objects("spec", "limits");
        for (int i = 0; i < limits.size(); i++) {
            limit(limits.get(i), "spec.limits[" + i + "]");
        }
    }

    private void limit(Unstructured limit, String path) {
        findings.needed(limit, path, "type");
        ordered(limit, path, "min", "max", "min value %s is greater than max value %s");
        ordered(limit, path, "min", "defaultRequest", "min value %s is greater than default request value %s");
        ordered(limit, path, "defaultRequest", "max", "default request value %s is greater than max value %s");
        ordered(
                limit,
                path,
                "defaultRequest",
                "default",
                "default request value %s is greater than default limit value %s");
        ordered(limit, path, "min", "default", "min value %s is greater than default value %s");
        ordered(limit, path, "default", "max", "default value %s is greater than max value %s");
    }

    private void ordered(Unstructured limit, String path, String low, String high, String why) {
        Map<String, String> most = limit.strings(high);
        limit.strings(low).forEach((r, amount) -> {
            String top = most.get(r);
            if (top != null && Quantity.parse(amount).compareTo(Quantity.parse(top)) > 0) {
                findings.invalid(path + "." + low + "[" + r + "]", amount, why.formatted(amount, top));
            }
        });
    }
}
