package dev.coracle.apiserver.builtin.autoscaling;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rules of HorizontalPodAutoscalers. */
final class AutoscalerRules {
    private static final long LONGEST_PERIOD = 1800;
    private static final long LONGEST_WINDOW = 3600;
    private static final String SOURCE_NEEDED = "must populate information for the given metric source";

    private final Findings findings;

    AutoscalerRules(Findings findings) {
        this.findings = findings;
    }

    void check(Unstructured o, @Nullable Unstructured old) {
        Unstructured spec = o.object("spec");
        long min = spec.integer(1, "minReplicas");
        long max = spec.integer(0, "maxReplicas");
        long least = old != null && old.integer(1, "spec", "minReplicas") == 0 ? 0 : 1;
        if (min < least) {
            findings.invalid("spec.minReplicas", min, "must be greater than or equal to " + least);
        }
        if (max < 1) {
            findings.invalid("spec.maxReplicas", max, "must be greater than 0");
        }
        if (max < min) {
            findings.invalid("spec.maxReplicas", max, "must be greater than or equal to `minReplicas`");
        }
        Unstructured target = spec.object("scaleTargetRef");
        reference(target, "spec.scaleTargetRef");
        boolean same = old != null
                && old.string("spec", "scaleTargetRef", "kind").equals(target.string("kind"))
                && old.string("spec", "scaleTargetRef", "apiVersion").equals(target.string("apiVersion"));
        if (!same) {
            // There is one kind that scales in the group without a name.
            version(target, target.string("kind").equals("ReplicationController"), "spec.scaleTargetRef");
        }
        List<Unstructured> metrics = spec.objects("metrics");
        for (int i = 0; i < metrics.size(); i++) {
            metric(metrics.get(i), "spec.metrics[" + i + "]", old);
        }
        boolean outside =
                metrics.stream().anyMatch(m -> List.of("Object", "External").contains(m.string("type")));
        if (min == 0 && !outside) {
            findings.forbidden(
                    "spec.metrics",
                    "must specify at least one Object or External metric to support scaling to zero replicas");
        }
        for (String direction : List.of("scaleUp", "scaleDown")) {
            if (spec.has("behavior", direction)) {
                scaling(spec.object("behavior", direction), "spec.behavior." + direction);
            }
        }
    }

    // ---- references

    private void reference(Unstructured ref, String path) {
        for (String field : List.of("kind", "name")) {
            if (findings.needed(ref, path, field)) {
                findings.invalid(path + "." + field, ref.string(field), Names.pathSegment(ref.string(field)));
            }
        }
    }

    private void version(Unstructured ref, boolean core, String path) {
        wrongVersion(ref.string("apiVersion"), core)
                .ifPresent(why -> findings.invalid(path + ".apiVersion", ref.string("apiVersion"), why));
    }

    private static Optional<String> wrongVersion(String version, boolean core) {
        int slash = version.indexOf('/');
        if (slash >= 0 && version.indexOf('/', slash + 1) >= 0) {
            return Optional.of("unexpected GroupVersion string: " + version);
        }
        return slash <= 0 && !core ? Optional.of("apiVersion must specify API group") : Optional.empty();
    }

    // ---- metrics

    private void metric(Unstructured metric, String path, @Nullable Unstructured old) {
        String type = metric.string("type");
        String named = Metrics.field(type);
        if (type.isEmpty()) {
            findings.required(path + ".type", "must specify a metric source type");
        }
        if (!Metrics.SOURCES.contains(named) || named.equals(type)) {
            // Upstream finds this twice, in two places.
            for (int i = 0; i < 2; i++) {
                findings.notSupported(
                        path + ".type", type, "ContainerResource", "External", "Object", "Pods", "Resource");
            }
            named = "";
        }
        List<String> given = new ArrayList<>();
        for (String source : List.of("object", "external", "pods", "resource", "containerResource")) {
            if (metric.has(source)) {
                given.add(source);
                if (given.size() == 1) {
                    source(source, metric.object(source), path + "." + source, old);
                }
            }
        }
        if (!named.isEmpty() && !given.contains(named)) {
            findings.required(path + "." + named, SOURCE_NEEDED);
        }
        if (given.size() != 1) {
            given.remove(named);
            given.forEach(g -> findings.forbidden(path + "." + g, "must populate the given metric source only"));
        }
    }

    private void source(String kind, Unstructured source, String path, @Nullable Unstructured old) {
        Unstructured target = source.object("target");
        switch (kind) {
            case "resource", "containerResource" -> resource(kind, source, path);
            case "object" -> {
                reference(source.object("describedObject"), path + ".describedObject");
                if (old == null) {
                    version(source.object("describedObject"), true, path + ".describedObject");
                }
                identified(source, path);
                target(target, path + ".target");
                if (!target.has("value") && !target.has("averageValue")) {
                    findings.required(path + ".target.averageValue", "must set either a target value or averageValue");
                }
            }
            case "external" -> {
                identified(source, path);
                target(target, path + ".target");
                if (!target.has("value") && !target.has("averageValue")) {
                    findings.required(
                            path + ".target.averageValue",
                            "must set either a target value for metric or a per-pod target");
                }
                if (target.has("value") && target.has("averageValue")) {
                    findings.forbidden(
                            path + ".target.value", "may not set both a target value for metric and a per-pod target");
                }
            }
            default -> {
                identified(source, path);
                target(target, path + ".target");
                if (!target.has("averageValue")) {
                    findings.required(path + ".target.averageValue", "must specify a positive target averageValue");
                }
            }
        }
    }

    private void resource(String kind, Unstructured source, String path) {
        Unstructured target = source.object("target");
        if (source.string("name").isEmpty()) {
            findings.required(path + ".name", "must specify a resource name");
        }
        if (kind.equals("containerResource")) {
            if (source.string("container").isEmpty()) {
                findings.required(path + ".container", "must specify a container");
            } else {
                findings.invalid(
                        path + ".container", source.string("container"), Names.label(source.string("container")));
            }
        }
        target(target, path + ".target");
        if (!target.has("averageUtilization") && !target.has("averageValue")) {
            findings.required(
                    path + ".target.averageUtilization", "must set either a target raw value or a target utilization");
        }
        if (target.has("averageUtilization") && target.has("averageValue")) {
            findings.forbidden(
                    path + ".target.averageValue", "may not set both a target raw value and a target utilization");
        }
    }

    private void identified(Unstructured source, String path) {
        String name = source.string("metric", "name");
        if (name.isEmpty()) {
            findings.required(path + ".metric.name", "must specify a metric name");
        } else {
            findings.invalid(path + ".metric.name", name, Names.pathSegment(name));
        }
    }

    private void target(Unstructured target, String path) {
        String type = target.string("type");
        if (type.isEmpty()) {
            findings.required(path + ".type", "must specify a metric target type");
        }
        if (!List.of("Utilization", "Value", "AverageValue").contains(type)) {
            findings.invalid(path + ".type", type, "must be either Utilization, Value, or AverageValue");
        }
        for (String field : List.of("value", "averageValue")) {
            if (target.has(field) && Quantity.parse(target.string(field)).signum() <= 0) {
                findings.invalid(path + "." + field, target.string(field), "must be positive");
            }
        }
        if (target.has("averageUtilization") && target.integer(0, "averageUtilization") < 1) {
            findings.invalid(
                    path + ".averageUtilization", target.integer(0, "averageUtilization"), "must be greater than 0");
        }
    }

    // ---- behavior

    private void scaling(Unstructured rules, String path) {
        long window = rules.integer(0, "stabilizationWindowSeconds");
        if (window < 0) {
            findings.invalid(path + ".stabilizationWindowSeconds", window, "must be greater than or equal to zero");
        }
        if (window > LONGEST_WINDOW) {
            findings.invalid(
                    path + ".stabilizationWindowSeconds", window, "must be less than or equal to " + LONGEST_WINDOW);
        }
        findings.oneOf(rules, path, "selectPolicy", "Disabled", "Max", "Min");
        List<Unstructured> policies = rules.objects("policies");
        if (policies.isEmpty()) {
            findings.required(path + ".policies", "must specify at least one Policy");
        }
        for (int i = 0; i < policies.size(); i++) {
            policy(policies.get(i), path + ".policies[" + i + "]");
        }
        if (rules.has("tolerance") && Quantity.parse(rules.string("tolerance")).signum() < 0) {
            findings.invalid(path + ".tolerance", rules.string("tolerance"), "must be greater or equal to zero");
        }
    }

    private void policy(Unstructured policy, String path) {
        String type = policy.string("type");
        if (!type.equals("Pods") && !type.equals("Percent")) {
            findings.notSupported(path + ".type", type, "Percent", "Pods");
        }
        if (policy.integer(0, "value") <= 0) {
            findings.invalid(path + ".value", policy.integer(0, "value"), "must be greater than zero");
        }
        long period = policy.integer(0, "periodSeconds");
        if (period <= 0) {
            findings.invalid(path + ".periodSeconds", period, "must be greater than zero");
        }
        if (period > LONGEST_PERIOD) {
            findings.invalid(path + ".periodSeconds", period, "must be less than or equal to " + LONGEST_PERIOD);
        }
    }
}
