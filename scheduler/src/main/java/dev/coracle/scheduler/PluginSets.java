package dev.coracle.scheduler;

import dev.coracle.scheduler.config.Fields;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which plugins take part where. {@code multiPoint} changes the default list and stands for every point that a plugin can
 * take part at; what is said of a single point goes before. At each point the order is: those of the default list that the
 * point names again, in its own order; the others of the default list; those only the point names.
 *
 * <pre>
 *   multiPoint: [A, B, C]; filter: enabled [D, C], disabled [A]   gives at filter   C, B, D
 * </pre>
 */
record PluginSets(Map<Point, List<String>> at, Map<String, Long> weights) {
    private static final Set<String> REMOVED = Set.of("AzureDiskLimits", "CinderLimits", "EBSLimits", "GCEPDLimits");
    private static final String EVERY = "*";

    private record Enabled(String name, long weight) {}

    /** What a user says of one point. */
    private record Wanted(List<Enabled> enabled, Set<String> disabled) {
        boolean disables(String name) {
            return disabled.contains(EVERY) || disabled.contains(name);
        }
    }

    static PluginSets of(Fields plugins) {
        Map<Point, Wanted> single = new EnumMap<>(Point.class);
        for (Point p : Point.values()) {
            single.put(p, wanted(plugins, p.field, p));
        }
        List<Enabled> multi = multiPoint(wanted(plugins, "multiPoint", null));
        plugins.end();
        Map<String, Long> weights = new HashMap<>();
        Objects.requireNonNull(single.get(Point.SCORE)).enabled.forEach(e -> weights.putIfAbsent(e.name, e.weight));
        multi.forEach(e -> weights.putIfAbsent(e.name, e.weight));
        weights.replaceAll((name, weight) -> weight == 0 ? 1 : weight);
        Map<Point, List<String>> at = new EnumMap<>(Point.class);
        single.forEach((point, wanted) -> at.put(point, expand(point, multi, wanted)));
        // Half of a plugin is of no use: what it looks at once and what it says per node go together.
        both(at, single, Point.FILTER, Point.PRE_FILTER);
        both(at, single, Point.SCORE, Point.PRE_SCORE);
        both(at, single, Point.RESERVE, Point.PRE_BIND);
        return new PluginSets(at, weights);
    }

    private static void both(Map<Point, List<String>> at, Map<Point, Wanted> wanted, Point main, Point other) {
        Wanted w = Objects.requireNonNull(wanted.get(other));
        List<String> named = w.enabled.stream().map(Enabled::name).toList();
        at.computeIfPresent(
                main,
                (p, names) -> names.stream()
                        .filter(n -> named.contains(n) || !w.disabled.contains(n))
                        .toList());
    }

    /** The default list, as a user changed it: what is named again stays in its place, what is new comes last. */
    private static List<Enabled> multiPoint(Wanted wanted) {
        Map<String, Enabled> again = new LinkedHashMap<>();
        wanted.enabled.forEach(e -> again.put(e.name, e));
        List<Enabled> all = new ArrayList<>();
        for (Registry.Row r : Registry.ROWS) {
            if (!wanted.disables(r.name())) {
                Enabled e = again.remove(r.name());
                all.add(e == null ? new Enabled(r.name(), r.weight()) : e);
            }
        }
        all.addAll(again.values());
        return all;
    }

    private static List<String> expand(Point point, List<Enabled> multi, Wanted wanted) {
        Set<String> own = new LinkedHashSet<>();
        wanted.enabled.forEach(e -> own.add(e.name));
        if (wanted.disabled.contains(EVERY)) {
            return List.copyOf(own);
        }
        Set<String> general = new LinkedHashSet<>();
        for (Enabled e : multi) {
            boolean takesPart =
                    Registry.of(e.name).filter(r -> r.points().contains(point)).isPresent();
            if (takesPart && !wanted.disabled.contains(e.name)) {
                general.add(e.name);
            }
        }
        Set<String> order = new LinkedHashSet<>(own);
        order.retainAll(general);
        order.addAll(general);
        order.addAll(own);
        return List.copyOf(order);
    }

    /** @param point null for {@code multiPoint} */
    private static Wanted wanted(Fields plugins, String field, @Nullable Point point) {
        Fields set = plugins.object(field);
        List<Enabled> enabled = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Fields f : set.objects("enabled")) {
            String name = f.text("name", "");
            check(f, name, point);
            if (!names.add(name)) {
                String where = point == null ? Point.PRE_FILTER.type : point.type;
                f.problems()
                        .invalid(
                                f.path("name"),
                                name,
                                "plugin \"" + name + "\" already registered as \"" + where + "\"");
            }
            enabled.add(new Enabled(name, f.integer("weight", 0)));
            f.end();
        }
        Set<String> disabled = new HashSet<>();
        for (Fields f : set.objects("disabled")) {
            disabled.add(f.text("name", ""));
            f.ignore("weight");
            f.end();
        }
        set.end();
        return new Wanted(enabled, disabled);
    }

    private static void check(Fields f, String name, @Nullable Point point) {
        var row = Registry.of(name);
        String path = f.path("name");
        if (REMOVED.contains(name)) {
            f.problems().invalid(path, name, removed());
        } else if (row.isEmpty()) {
            f.problems()
                    .invalid(path, name, (point == null ? "plugin" : point.type) + " \"" + name + "\" does not exist");
        } else if (point != null && !row.get().points().contains(point)) {
            f.problems().invalid(path, name, "plugin \"" + name + "\" does not extend " + point.type + " plugin");
        }
    }

    static boolean isRemoved(String name) {
        return REMOVED.contains(name);
    }

    static String removed() {
        String version = KubeSchedulerConfiguration.API_VERSION;
        return "was invalid in version \"v1\" (KubeSchedulerConfiguration is version \"" + version + "\")";
    }
}
