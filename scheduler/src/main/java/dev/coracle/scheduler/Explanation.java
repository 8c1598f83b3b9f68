package dev.coracle.scheduler;

import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.Filtering;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Status;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Why a pod went where it went, or nowhere: for each node the plugin that refused it with what would help, or the scores. All
 * nodes are looked at, though the attempt itself may have been content with some.
 *
 * <pre>
 *   {"namespace": "default", "pod": "web", "at": "2026-01-01T00:00:00Z", "node": "", "message": "0/2 nodes are available…",
 *    "nodes": [{"name": "a", "plugin": "NodeResourcesFit", "reasons": ["Insufficient cpu"], "remedy": "cpu: asks for 8, …"},
 *              {"name": "b", "total": 312, "scores": {"NodeResourcesFit": 81, …}}]}
 * </pre>
 */
final class Explanation {
    private Explanation() {}

    static Map<String, Object> of(Profile profile, Attempts.Attempt attempt) {
        Cycle cycle = attempt.cycle();
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("namespace", cycle.pod().namespace());
        told.put("pod", cycle.pod().name());
        told.put("at", attempt.at().toString());
        told.put("node", attempt.node());
        told.put("message", attempt.message());
        Filtering filtering = Filtering.of(profile.filters(), cycle);
        Filtering.Narrowed narrowed = filtering.narrowed();
        List<Map<String, Object>> rows = new ArrayList<>();
        List<Map<String, Object>> fitting = new ArrayList<>();
        List<NodeInfo> feasible = new ArrayList<>();
        for (NodeInfo node : cycle.snapshot().nodes()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("name", node.name());
            rows.add(row);
            Status status = filtering.blocked();
            if (status.fits()) {
                status = narrowed.allows(node) ? filtering.filterWithNominated(node) : narrowed.others();
            }
            if (status.fits()) {
                feasible.add(node);
                fitting.add(row);
            } else {
                row.put("plugin", status.plugin());
                row.put("reasons", status.reasons());
                row.put("remedy", remedy(profile, status.plugin(), cycle.pod(), node));
            }
        }
        score(profile, cycle, feasible, fitting);
        told.put("nodes", rows);
        return told;
    }

    private static String remedy(Profile profile, String plugin, PodInfo pod, NodeInfo node) {
        return profile.filters().stream()
                .filter(p -> p.name().equals(plugin))
                .map(p -> p.remedy(pod, node))
                .findFirst()
                .orElse("");
    }

    private static void score(Profile profile, Cycle cycle, List<NodeInfo> feasible, List<Map<String, Object>> rows) {
        long[] totals = new long[feasible.size()];
        List<Map<String, Object>> each = new ArrayList<>();
        feasible.forEach(n -> each.add(new LinkedHashMap<>()));
        for (Plugins.Weighted w : profile.maker().scores()) {
            Plugin.Scores plugin = w.plugin();
            NodeScore score = plugin.preScore(cycle, feasible);
            if (score == null) {
                continue;
            }
            long[] scores = feasible.stream().mapToLong(score::score).toArray();
            score.normalize(scores);
            for (int i = 0; i < scores.length; i++) {
                long weighted = w.weight() * scores[i];
                totals[i] += weighted;
                each.get(i).put(plugin.name(), weighted);
            }
        }
        for (int i = 0; i < totals.length; i++) {
            rows.get(i).put("total", totals[i]);
            rows.get(i).put("scores", each.get(i));
        }
    }
}
