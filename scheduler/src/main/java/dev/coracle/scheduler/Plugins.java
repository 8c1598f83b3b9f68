package dev.coracle.scheduler;

import dev.coracle.scheduler.KubeSchedulerConfiguration.ProfileSettings;
import dev.coracle.scheduler.framework.Plugin;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The plugins of one profile: each is made once, wherever it takes part. */
final class Plugins {
    /** A score, and how much it counts. */
    record Weighted(Plugin.Scores plugin, long weight) {}

    private final Map<String, Plugin> all = new LinkedHashMap<>();
    private final PluginSets sets;

    Plugins(ProfileSettings settings, Registry.World world) {
        this.sets = settings.sets();
        sets.at()
                .values()
                .forEach(names -> names.forEach(n -> {
                    if (!all.containsKey(n)) {
                        Objects.requireNonNull(settings.factories().get(n))
                                .apply(world)
                                .ifPresent(p -> all.put(n, p));
                    }
                }));
    }

    /** Those that take part at a point, in order. */
    <T extends Plugin> List<T> at(Point point, Class<T> shape) {
        List<T> plugins = new ArrayList<>();
        for (String name : sets.at().getOrDefault(point, List.of())) {
            Plugin p = all.get(name);
            if (p != null) {
                plugins.add(shape.cast(p));
            }
        }
        return List.copyOf(plugins);
    }

    List<Plugin.Filters> filters() {
        return at(Point.FILTER, Plugin.Filters.class);
    }

    List<Weighted> scores() {
        return at(Point.SCORE, Plugin.Scores.class).stream()
                .map(p -> new Weighted(p, sets.weights().getOrDefault(p.name(), 1L)))
                .toList();
    }

    boolean synced() {
        return all.values().stream().allMatch(Plugin::synced);
    }
}
