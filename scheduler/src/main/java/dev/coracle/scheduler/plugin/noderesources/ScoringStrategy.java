package dev.coracle.scheduler.plugin.noderesources;

import dev.coracle.scheduler.config.Fields;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.Request;
import java.util.ArrayList;
import java.util.List;

/**
 * What share of a node's resources is best: the least, the most, or what a line through given points says.
 *
 * <pre>
 *   shape (0, 0) (50, 10) (100, 4):  a node that is full by a quarter scores 50, by half 100, by three quarters 70
 * </pre>
 *
 * @param shape of {@code RequestedToCapacityRatio} only
 */
record ScoringStrategy(Type type, List<ResourceWeight> resources, List<Point> shape) {
    static final ScoringStrategy DEFAULT =
            new ScoringStrategy(Type.LeastAllocated, ResourceWeight.CPU_AND_MEMORY, List.of());

    private static final long MOST_POINTS = 10;

    /** Named as they are written. */
    enum Type {
        LeastAllocated,
        MostAllocated,
        RequestedToCapacityRatio
    }

    /** How good it is, from 0 to 10, that so many percent are taken. */
    record Point(long utilization, long score) {}

    static ScoringStrategy of(Fields fields) {
        String name = fields.text("type", "");
        Type type = Type.LeastAllocated;
        List<String> supported = new ArrayList<>();
        for (Type t : Type.values()) {
            supported.add(t.name());
            type = t.name().equals(name) ? t : type;
        }
        if (!supported.contains(name)) {
            fields.problems().unsupported(fields.path("type"), name, supported);
        }
        List<ResourceWeight> resources = ResourceWeight.of(fields);
        for (int i = 0; i < resources.size(); i++) {
            ResourceWeight r = resources.get(i);
            if (r.weight() <= 0 || r.weight() > 100) {
                fields.problems()
                        .invalid(
                                fields.path("resources") + "[" + i + "].weight",
                                r.weight(),
                                "resource weight of " + r.name() + " not in valid range (0, 100]");
            }
        }
        var strategy = new ScoringStrategy(type, resources, shape(fields, type == Type.RequestedToCapacityRatio));
        fields.end();
        return strategy;
    }

    private static List<Point> shape(Fields fields, boolean needed) {
        String field = "requestedToCapacityRatio";
        if (needed && !fields.has(field)) {
            fields.problems().required(fields.path(field), "must be specified when type is RequestedToCapacityRatio");
            return List.of();
        }
        if (!needed && fields.has(field)) {
            fields.problems().forbidden(fields.path(field), "must be nil when type is not RequestedToCapacityRatio");
        }
        Fields ratio = fields.object(field);
        List<Point> shape = new ArrayList<>();
        for (Fields f : ratio.objects("shape")) {
            Point p = new Point(
                    f.within("utilization", 0, 0, 100, "not in valid range [0, 100]"),
                    f.within("score", 0, 0, MOST_POINTS, "not in valid range [0, 10]"));
            if (!shape.isEmpty() && shape.getLast().utilization >= p.utilization) {
                f.problems().invalid(f.path("utilization"), p.utilization, "values must be sorted in increasing order");
            }
            shape.add(p);
            f.end();
        }
        if (needed && shape.isEmpty()) {
            fields.problems().required(ratio.path("shape"), "at least one point must be specified");
        }
        ratio.end();
        return List.copyOf(shape);
    }

    NodeScore score(Request request) {
        return node -> score(request, node);
    }

    private long score(Request request, NodeInfo node) {
        long sum = 0;
        long weights = 0;
        for (ResourceWeight r : resources) {
            long all = r.allocatable(node, request);
            if (all <= 0) {
                continue;
            }
            long taken = r.scored(node, request);
            long score = switch (type) {
                case LeastAllocated -> taken > all ? 0 : (all - taken) * NodeScore.MAX / all;
                case MostAllocated -> Math.min(taken, all) * NodeScore.MAX / all;
                case RequestedToCapacityRatio -> onLine(taken > all ? 100 : taken * 100 / all);
            };
            // By shape, what scores nothing is left out, as upstream has it.
            if (score > 0 || type != Type.RequestedToCapacityRatio) {
                sum += score * r.weight();
                weights += r.weight();
            }
        }
        if (weights == 0) {
            return 0;
        }
        return type == Type.RequestedToCapacityRatio ? Math.round((double) sum / weights) : sum / weights;
    }

    private long onLine(long percent) {
        for (int i = 0; i < shape.size(); i++) {
            Point to = shape.get(i);
            if (percent <= to.utilization) {
                if (i == 0) {
                    return points(to);
                }
                Point from = shape.get(i - 1);
                return points(from)
                        + (points(to) - points(from))
                                * (percent - from.utilization)
                                / (to.utilization - from.utilization);
            }
        }
        return points(shape.getLast());
    }

    private static long points(Point p) {
        return p.score * (NodeScore.MAX / MOST_POINTS);
    }
}
