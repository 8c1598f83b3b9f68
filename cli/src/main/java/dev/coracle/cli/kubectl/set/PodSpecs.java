package dev.coracle.cli.kubectl.set;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Where the kinds that run pods say what pods. */
final class PodSpecs {
    private PodSpecs() {}

    /**
     * The very tree: what is done to it is done to the object.
     *
     * @throws IllegalArgumentException for a kind that runs none
     */
    static Unstructured of(Unstructured object) {
        String[] path = switch (object.kind()) {
            case "Pod" -> new String[] {"spec"};
            case "CronJob" -> new String[] {"spec", "jobTemplate", "spec", "template", "spec"};
            case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController" ->
                new String[] {"spec", "template", "spec"};
            default ->
                throw new IllegalArgumentException("the object is not a pod or does not have a pod template: *"
                        + object.groupVersionKind().version() + "." + object.kind());
        };
        return object.object(path);
    }

    /** The containers of a kind of list whose names a pattern with {@code *} matches. */
    static List<Unstructured> containers(Unstructured spec, String list, String pattern) {
        List<String> parts =
                List.of(pattern.split("\\*", -1)).stream().map(Pattern::quote).toList();
        Pattern names = Pattern.compile(String.join(".*", parts));
        return spec.objects(list).stream()
                .filter(c -> names.matcher(c.string("name")).matches())
                .toList();
    }

    /** Those that run all along before those that only begin. */
    static List<Unstructured> all(Unstructured spec, String pattern) {
        List<Unstructured> all = new ArrayList<>(containers(spec, "containers", pattern));
        all.addAll(containers(spec, "initContainers", pattern));
        return all;
    }
}
