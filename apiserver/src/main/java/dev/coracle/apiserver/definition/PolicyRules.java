package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rules for what limits others: quotas, limit ranges, disruption budgets, priority classes. */
final class PolicyRules {
    private static final long HIGHEST_OF_USERS = 1_000_000_000;

    private final Findings findings;

    PolicyRules(Findings findings) {
        this.findings = findings;
    }

    void check(Unstructured o, @Nullable Unstructured old) {
        switch (o.kind()) {
            case "ResourceQuota" ->
                o.strings("spec", "hard").forEach((r, amount) -> {
                    findings.invalid("spec.hard[" + r + "]", r, Names.qualified(r.replace('.', '-')));
                    new ResourceRules(findings).notNegative(amount, "spec.hard[" + r + "]");
                });
            case "LimitRange" -> {
                List<Unstructured> limits = o.objects("spec", "limits");
                for (int i = 0; i < limits.size(); i++) {
                    limit(limits.get(i), "spec.limits[" + i + "]");
                }
            }
            case "PodDisruptionBudget" -> budget(o.object("spec"));
            default -> priority(o, old);
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

    private void budget(Unstructured spec) {
        if (spec.has("minAvailable") && spec.has("maxUnavailable")) {
            findings.invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
        }
        findings.share(spec, "spec", "minAvailable");
        findings.share(spec, "spec", "maxUnavailable");
        findings.oneOf(spec, "spec", "unhealthyPodEvictionPolicy", "IfHealthyBudget", "AlwaysAllow");
    }

    private void priority(Unstructured o, @Nullable Unstructured old) {
        if (o.name().startsWith("system-")) {
            boolean known = o.name().equals("system-node-critical") || o.name().equals("system-cluster-critical");
            if (!known) {
                findings.forbidden(
                        "metadata.name",
                        "priority class names with 'system-' prefix are reserved for system use only. error: "
                                + o.name() + " is not a known system priority class");
            }
        } else if (o.integer(0, "value") > HIGHEST_OF_USERS) {
            findings.forbidden("value", "maximum allowed value of a user defined priority is " + HIGHEST_OF_USERS);
        }
        if (!List.of("PreemptLowerPriority", "Never").contains(o.string("preemptionPolicy"))) {
            findings.notSupported("preemptionPolicy", o.string("preemptionPolicy"), "PreemptLowerPriority", "Never");
        }
        if (old != null && o.integer(0, "value") != old.integer(0, "value")) {
            findings.forbidden("value", "may not be changed in an update.");
        }
        if (old != null && !Objects.equals(o.get("preemptionPolicy"), old.get("preemptionPolicy"))) {
            findings.invalid("preemptionPolicy", o.get("preemptionPolicy"), Findings.IMMUTABLE);
        }
    }
}
