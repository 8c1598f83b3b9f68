package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.HashSet;
import java.util.List;
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

    /** @param restartPolicy the pod's: where nothing is started again, a change of amounts cannot do so either */
    void resizePolicy(List<Unstructured> policies, String path, String restartPolicy) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < policies.size(); i++) {
            String resource = policies.get(i).string("resourceName");
            String restart = policies.get(i).string("restartPolicy");
            if (!seen.add(resource)) {
                findings.duplicate(path + "[" + i + "]", resource);
            }
            named(resource, path, "cpu", "memory");
            named(restart, path, "NotRequired", "RestartContainer");
            if (restartPolicy.equals("Never") && !restart.equals("NotRequired")) {
                findings.invalid(path, restart, "must be 'NotRequired' when `restartPolicy` is 'Never'");
            }
        }
    }

    private void named(String value, String path, String... supported) {
        if (value.isEmpty()) {
            findings.required(path, "");
        } else if (!List.of(supported).contains(value)) {
            findings.notSupported(path, value, supported);
        }
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
