package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code kubectl autoscale}: a HorizontalPodAutoscaler for a workload. */
public final class Autoscale implements Verb {
    private static final GroupVersionResource AUTOSCALERS =
            new GroupVersionResource("autoscaling", "v2", "horizontalpodautoscalers");

    @Override
    public Flags flags() {
        return Flags.of(
                        "min#",
                        "max#",
                        "cpu-percent#",
                        "name",
                        "dry-run?client",
                        "output,o",
                        "template",
                        "field-manager")
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        long max = line.number("max", -1);
        long min = line.number("min", -1);
        if (!line.has("max")) {
            throw new Failure("required flag(s) \"max\" not set");
        }
        if (max < 1) {
            throw new Failure("--max=MAXPODS is required and must be at least 1, max: " + max);
        }
        if (max < min) {
            throw new Failure("--max=MAXPODS must be larger or equal to --min=MINPODS, max: " + max + ", min: " + min);
        }
        for (Selection.Item item : Selection.of(session, new Catalog(session), line, "")) {
            Rollout.get(session, item);
            if (!scales(session, item)) {
                GroupVersionResource r = item.resource().resource();
                throw new Failure("cannot autoscale a " + item.resource().kind() + ": could not find scale subresource"
                        + " for " + r.group() + "/" + r.version() + ", Resource=" + r.resource()
                        + " in discovery information");
            }
            Unstructured scaler = Unstructured.of(
                            "autoscaling/v2", "HorizontalPodAutoscaler", "", line.get("name", item.name()))
                    .set(item.resource().groupVersionKind().apiVersion(), "spec", "scaleTargetRef", "apiVersion")
                    .set(item.resource().kind(), "spec", "scaleTargetRef", "kind")
                    .set(item.name(), "spec", "scaleTargetRef", "name")
                    .set(max, "spec", "maxReplicas");
            if (min > 0) {
                scaler.set(min, "spec", "minReplicas");
            }
            if (line.number("cpu-percent", -1) >= 0) {
                Unstructured metric = new Unstructured(new LinkedHashMap<>())
                        .set("Resource", "type")
                        .set("cpu", "resource", "name")
                        .set("Utilization", "resource", "target", "type")
                        .set(line.number("cpu-percent", 0), "resource", "target", "averageUtilization");
                scaler.add(metric, "spec", "metrics");
            }
            // As kubectl: what is only shown here was created.
            String word = line.get("dry-run").equals("client") ? "created" : "autoscaled";
            Made.submit(session, line, AUTOSCALERS, scaler, "kubectl-autoscale", word);
        }
        return 0;
    }

    private static boolean scales(Session session, Selection.Item item) {
        GroupVersionResource r = item.resource().resource();
        return session.get(r.prefix(), Map.of()).objects("resources").stream()
                .anyMatch(s -> s.string("name").equals(r.resource() + "/scale"));
    }
}
