package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.Map;
import java.util.Set;

/** Rules for amounts of resources. That they are amounts at all is known: the defaults have read them. */
public final class ResourceRules {
    private static final Set<String> STANDARD = Set.of("cpu", "memory", "ephemeral-storage");

    private final Findings findings;

    public ResourceRules(Findings findings) {
        this.findings = findings;
    }

    void container(Unstructured resources, String path) {
        Map<String, String> limits = resources.strings("limits");
        Map<String, String> requests = resources.strings("requests");
        limits(limits, path);
        requests.forEach((r, amount) -> {
            name(r, path + ".requests");
            notNegative(amount, path + ".requests[" + r + "]");
            String limit = limits.get(r);
            if (limit != null && Quantity.parse(amount).compareTo(Quantity.parse(limit)) > 0) {
                findings.invalid(
                        path + ".requests", amount, "must be less than or equal to " + r + " limit of " + limit);
            }
        });
    }

    /** @param path of what has the limits */
    public void limits(Map<String, String> limits, String path) {
        limits.forEach((r, amount) -> {
            name(r, path + ".limits");
            notNegative(amount, path + ".limits[" + r + "]");
        });
    }

    private void name(String resource, String path) {
        String at = path + "[" + resource + "]";
        findings.invalid(at, resource, Names.qualified(resource));
        if (!resource.contains("/") && !STANDARD.contains(resource) && !resource.startsWith("hugepages-")) {
            findings.invalid(at, resource, "must be a standard resource type or fully qualified");
            findings.invalid(at, resource, "must be a standard resource for containers");
        }
    }

    void notNegative(String amount, String path) {
        if (Quantity.parse(amount).signum() < 0) {
            findings.invalid(path, amount, Findings.NOT_NEGATIVE);
        }
    }

    void positive(String amount, String path) {
        if (Quantity.parse(amount).signum() <= 0) {
            findings.invalid(path, amount, "must be greater than zero");
        }
    }
}
