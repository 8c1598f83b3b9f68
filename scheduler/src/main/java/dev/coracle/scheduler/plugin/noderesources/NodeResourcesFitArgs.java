package dev.coracle.scheduler.plugin.noderesources;

import dev.coracle.scheduler.config.Fields;
import java.util.List;
import java.util.Set;

/**
 * @param ignored extended resources that rule no node out
 * @param ignoredGroups the same for all whose names begin so, up to the slash
 */
public record NodeResourcesFitArgs(Set<String> ignored, Set<String> ignoredGroups, ScoringStrategy strategy) {
    public static final NodeResourcesFitArgs DEFAULT =
            new NodeResourcesFitArgs(Set.of(), Set.of(), ScoringStrategy.DEFAULT);

    public static NodeResourcesFitArgs of(Fields fields) {
        List<String> groups = fields.texts("ignoredResourceGroups");
        for (int i = 0; i < groups.size(); i++) {
            if (groups.get(i).contains("/")) {
                fields.problems()
                        .invalid(
                                fields.path("ignoredResourceGroups") + "[" + i + "]",
                                groups.get(i),
                                "resource group name can't contain '/'");
            }
        }
        return new NodeResourcesFitArgs(
                Set.copyOf(fields.texts("ignoredResources")),
                Set.copyOf(groups),
                fields.has("scoringStrategy")
                        ? ScoringStrategy.of(fields.object("scoringStrategy"))
                        : ScoringStrategy.DEFAULT);
    }

    boolean ignores(String resource) {
        int slash = resource.indexOf('/');
        if (slash < 0 || (ignored.isEmpty() && ignoredGroups.isEmpty())) {
            return false;
        }
        String group = resource.substring(0, slash);
        boolean extended = !group.equals("kubernetes.io") && !group.endsWith(".kubernetes.io");
        return extended && (ignored.contains(resource) || ignoredGroups.contains(group));
    }
}
