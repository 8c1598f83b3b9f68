package dev.coracle.controllers.podautoscaler;

import dev.coracle.controllers.podautoscaler.ReplicaCalculator.Proposal;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What one element of {@code spec.metrics} asks for: reads what it names and has it calculated. */
final class Evaluator {
    /**
     * @param name for events and conditions: {@code cpu resource utilization (percentage of request)}
     * @param status an element of {@code status.currentMetrics}
     */
    record Answer(long replicas, String name, Unstructured status) {}

    /** Why there is no answer. */
    static final class FailedException extends RuntimeException {
        private static final long serialVersionUID = 1;
        /** Of the event, and of the condition. */
        private final String reason;

        private final String why;

        /** @param whole {@code why}, with where it was met before it */
        FailedException(String reason, String why, String whole) {
            super(whole);
            this.reason = reason;
            this.why = why;
        }

        String reason() {
            return reason;
        }

        String why() {
            return why;
        }
    }

    private final Measurements measurements;
    private final ReplicaCalculator calculator;
    private final String namespace;
    private final List<Unstructured> pods;
    private final String selector;
    private final long there;

    /** @param pods that {@code selector}, the target's, selects */
    Evaluator(
            Measurements measurements,
            ReplicaCalculator calculator,
            String namespace,
            List<Unstructured> pods,
            Targets.Target target) {
        this.measurements = measurements;
        this.calculator = calculator;
        this.namespace = namespace;
        this.pods = pods;
        this.selector = target.selector();
        this.there = target.there();
    }

    /** @throws FailedException when nothing can be said */
    Answer evaluate(Unstructured metric) {
        return switch (metric.string("type")) {
            case "Resource" -> {
                Unstructured source = metric.object("resource");
                yield asked(
                        "FailedGetResourceMetric",
                        "failed to get " + source.string("name") + " resource metric value",
                        () -> resource(metric, source, "resource"));
            }
            case "ContainerResource" -> {
                Unstructured source = metric.object("containerResource");
                yield asked(
                        "FailedGetContainerResourceMetric",
                        "failed to get " + source.string("container") + " container metric value",
                        () -> resource(metric, source, "containerResource"));
            }
            case "Pods" ->
                asked(
                        "FailedGetPodsMetric",
                        "failed to get pods metric value",
                        () -> pods(metric, metric.object("pods")));
            case "Object" -> {
                Unstructured source = metric.object("object");
                boolean whole = source.string("target", "type").equals("Value");
                yield asked(
                        "FailedGetObjectMetric",
                        "failed to get object metric value"
                                + (whole ? "" : ": failed to get " + name(source) + " object metric"),
                        () -> object(metric, source, whole));
            }
            case "External" -> {
                Unstructured source = metric.object("external");
                boolean shared = source.has("target", "averageValue");
                yield asked(
                        "FailedGetExternalMetric",
                        "failed to get " + name(source) + " external metric value: failed to get "
                                + (shared ? name(source) + " external metric" : "external metric " + name(source)),
                        () -> external(metric, source, shared));
            }
            default -> {
                String why = "unknown metric source type \"" + metric.string("type") + "\"";
                throw new FailedException("InvalidMetricSourceType", why, why);
            }
        };
    }

    private static Answer asked(String reason, String where, Supplier<Answer> question) {
        try {
            return question.get();
        } catch (UnmeasuredException e) {
            throw new FailedException(reason, e.why(), where + ": " + e.why());
        } catch (IllegalArgumentException e) {
            // An extension server told of an amount that is none.
            throw new FailedException(reason, String.valueOf(e.getMessage()), where + ": " + e.getMessage());
        }
    }

    private Answer resource(Unstructured metric, Unstructured source, String field) {
        String resource = source.string("name");
        String container = source.string("container");
        boolean raw = source.has("target", "averageValue");
        Proposal p;
        try {
            Map<String, Sample> samples = at(
                    "unable to get metrics for resource " + resource,
                    () -> measurements.resource(resource, namespace, selector, container));
            boolean processor = resource.equals("cpu");
            p = raw
                    ? calculator.byAverage(samples, milli(source, "averageValue"), processor)
                    : calculator.byUtilization(
                            samples,
                            () -> Requests.of(pods, resource, container),
                            source.integer(0, "target", "averageUtilization"),
                            processor);
        } catch (UnmeasuredException e) {
            throw e.at("failed to get " + resource + (raw ? " usage" : " utilization"));
        }
        Unstructured status = status(metric)
                .set(resource, field, "name")
                .set(container.isEmpty() ? null : container, field, "container")
                .set(raw ? null : p.percent(), field, "current", "averageUtilization")
                .set(amount(p), field, "current", "averageValue");
        String kind = container.isEmpty() ? " resource" : " container resource";
        return new Answer(
                p.replicas(), resource + (raw ? " resource" : kind + " utilization (percentage of request)"), status);
    }

    private Answer pods(Unstructured metric, Unstructured source) {
        String labels = Selectors.query(source.object("metric", "selector"));
        Map<String, Sample> samples = at(
                "unable to get metric " + name(source),
                () -> measurements.pods(name(source), namespace, selector, labels));
        Proposal p = calculator.byAverage(samples, milli(source, "averageValue"), false);
        Unstructured status = status(metric, "pods").set(amount(p), "pods", "current", "averageValue");
        return new Answer(p.replicas(), "pods metric " + name(source), status);
    }

    private Answer object(Unstructured metric, Unstructured source, boolean whole) {
        Unstructured ref = source.object("describedObject");
        String labels = Selectors.query(source.object("metric", "selector"));
        long usage;
        try {
            usage = measurements.object(name(source), namespace, ref, labels);
        } catch (UnmeasuredException e) {
            // Upstream's words are in this order.
            throw new UnmeasuredException("unable to get metric " + name(source) + ": " + ref.kind() + " on "
                    + namespace + " " + ref.string("name") + "/" + e.why());
        }
        Proposal p = whole
                ? calculator.byValue(usage, milli(source, "value"))
                : calculator.byShare(usage, milli(source, "averageValue"), there);
        Unstructured status = status(metric, "object")
                .set(ref.map(), "object", "describedObject")
                .set(amount(p), "object", "current", whole ? "value" : "averageValue");
        return new Answer(p.replicas(), whole ? ref.kind() + " metric " + name(source) : external(source), status);
    }

    private Answer external(Unstructured metric, Unstructured source, boolean shared) {
        String labels = Selectors.query(source.object("metric", "selector"));
        long usage = ReplicaCalculator.total(at(
                "unable to get external metric " + namespace + "/" + name(source) + "/"
                        + Selectors.told(source.object("metric")),
                () -> measurements.external(name(source), namespace, labels)));
        Proposal p = shared
                ? calculator.byShare(usage, milli(source, "averageValue"), there)
                : calculator.byValue(usage, milli(source, "value"));
        Unstructured status =
                status(metric, "external").set(amount(p), "external", "current", shared ? "averageValue" : "value");
        return new Answer(p.replicas(), external(source), status);
    }

    private static String external(Unstructured source) {
        return "external metric " + name(source) + "(" + Selectors.told(source.object("metric")) + ")";
    }

    private static <T> T at(String where, Supplier<T> question) {
        try {
            return question.get();
        } catch (UnmeasuredException e) {
            throw e.at(where);
        }
    }

    private static String name(Unstructured source) {
        return source.string("metric", "name");
    }

    private static long milli(Unstructured source, String target) {
        return Quantity.of(source.get("target", target)).milli();
    }

    private static String amount(Proposal p) {
        return Quantity.ofMilli(p.usage()).toString();
    }

    private static Unstructured status(Unstructured metric) {
        return new Unstructured(new LinkedHashMap<>()).set(metric.string("type"), "type");
    }

    private static Unstructured status(Unstructured metric, String field) {
        return status(metric).set(metric.object(field, "metric").copy().map(), field, "metric");
    }
}
