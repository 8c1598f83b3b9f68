package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl set image}. */
public final class SetImage implements Verb {
    @Override
    public Flags flags() {
        return Flags.of("selector,l", "all!", "dry-run?client", "output,o").and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        List<String> arguments = line.arguments();
        if (arguments.isEmpty() || !arguments.getFirst().equals("image")) {
            throw new Failure("set: only \"set image\" is supported by this client");
        }
        List<String> resources = new ArrayList<>();
        Map<String, String> images = new LinkedHashMap<>();
        for (String a : arguments.subList(1, arguments.size())) {
            int equals = a.indexOf('=');
            if (equals > 0) {
                images.put(a.substring(0, equals), a.substring(equals + 1));
            } else {
                resources.add(a);
            }
        }
        if (images.isEmpty()) {
            throw new Failure("at least one image update is required");
        }
        String dryRun = dev.coracle.cli.kubectl.apply.DryRun.of(line);
        for (Selection.Item item : Selection.of(session, new Catalog(session), line, resources, "")) {
            Unstructured now = Rollout.get(session, item);
            String[] path = podSpec(now.kind());
            Unstructured patch = patch(now, path, images);
            if (patch.map().isEmpty()) {
                continue;
            }
            if (!dryRun.equals("client")) {
                session.client()
                        .patch(
                                item.resource().resource(),
                                item.namespace(),
                                item.name(),
                                Patch.strategic(patch),
                                new WriteOptions("", "kubectl-set", false, dryRun.equals("server")));
            }
            session.out()
                    .println(item.title() + " image updated" + dev.coracle.cli.kubectl.apply.DryRun.suffix(dryRun));
        }
        return 0;
    }

    private static String[] podSpec(String kind) {
        return switch (kind) {
            case "Pod" -> new String[] {"spec"};
            case "CronJob" -> new String[] {"spec", "jobTemplate", "spec", "template", "spec"};
            case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job" ->
                new String[] {"spec", "template", "spec"};
            default -> throw new Failure("the object is not a pod or does not have a pod template: " + kind);
        };
    }

    /** Empty when every image is as wanted already. */
    private static Unstructured patch(Unstructured now, String[] path, Map<String, String> images) {
        Unstructured patch = new Unstructured(new LinkedHashMap<>());
        images.forEach((name, image) -> {
            boolean found = false;
            for (String list : List.of("initContainers", "containers")) {
                for (Unstructured c : now.object(path).objects(list)) {
                    if (!name.equals("*") && !c.string("name").equals(name)) {
                        continue;
                    }
                    found = true;
                    if (!c.string("image").equals(image)) {
                        String[] at = java.util.Arrays.copyOf(path, path.length + 1);
                        at[path.length] = list;
                        patch.add(new LinkedHashMap<>(Map.of("name", c.string("name"), "image", image)), at);
                    }
                }
            }
            if (!found) {
                throw new Failure("unable to find container named \"" + name + "\"");
            }
        });
        return patch;
    }
}
