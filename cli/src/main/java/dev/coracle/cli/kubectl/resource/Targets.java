package dev.coracle.cli.kubectl.resource;

import dev.coracle.cli.kubectl.base.Failure;
import java.util.ArrayList;
import java.util.List;

/** The resources and objects that arguments name. */
public final class Targets {
    /** @param name {@code ""} for all objects of the resource */
    public record Target(ApiResource resource, String name) {}

    private Targets() {}

    /** {@code pods}, {@code pods a b}, {@code pods,svc}, {@code pod/a svc/b}, {@code all}. */
    public static List<Target> parse(Catalog catalog, List<String> arguments) {
        List<Target> targets = new ArrayList<>();
        if (arguments.isEmpty()) {
            return targets;
        }
        if (arguments.stream().anyMatch(a -> a.contains("/"))) {
            for (String a : arguments) {
                targets.add(pair(catalog, a));
            }
            return targets;
        }
        List<ApiResource> resources = resources(catalog, arguments.getFirst());
        List<String> names = arguments.subList(1, arguments.size());
        for (ApiResource r : resources) {
            if (names.isEmpty()) {
                targets.add(new Target(r, ""));
            }
            names.forEach(n -> targets.add(new Target(r, n)));
        }
        return targets;
    }

    private static Target pair(Catalog catalog, String argument) {
        String[] parts = argument.split("/", -1);
        if (parts.length == 1) {
            throw new Failure(
                    "there is no need to specify a resource type as a separate argument when passing arguments"
                            + " in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of"
                            + " 'kubectl get resource resource/<resource_name>'");
        }
        if (parts.length > 2) {
            throw new Failure("arguments in resource/name form may not have more than one slash");
        }
        if (parts[0].isEmpty() || parts[1].isEmpty()) {
            throw new Failure("arguments in resource/name form must have a single resource and name");
        }
        return new Target(catalog.find(parts[0]), parts[1]);
    }

    private static List<ApiResource> resources(Catalog catalog, String list) {
        List<ApiResource> resources = new ArrayList<>();
        for (String text : list.split(",", -1)) {
            List<ApiResource> category = catalog.category(text);
            if (category.isEmpty()) {
                resources.add(catalog.find(text));
            } else {
                resources.addAll(category);
            }
        }
        return resources.stream().distinct().toList();
    }

    /** One object: {@code TYPE NAME}, {@code TYPE/NAME}, or {@code NAME} of {@code usual}. */
    public static Target single(Catalog catalog, List<String> arguments, String usual) {
        if (arguments.size() == 1 && !arguments.getFirst().contains("/") && !usual.isEmpty()) {
            return new Target(catalog.find(usual), arguments.getFirst());
        }
        List<Target> targets = parse(catalog, arguments);
        if (targets.size() != 1 || targets.getFirst().name().isEmpty()) {
            throw new Failure("exactly one resource and name is required, got: " + String.join(" ", arguments));
        }
        return targets.getFirst();
    }
}
