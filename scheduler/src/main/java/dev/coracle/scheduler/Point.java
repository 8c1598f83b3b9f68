package dev.coracle.scheduler;

import dev.coracle.scheduler.framework.Plugin;
import org.jspecify.annotations.Nullable;

/**
 * Where on a pod's way plugins take part, by upstream's names. One interface of ours may stand for two of them: what
 * upstream's plugins look at once and what they answer per node are one thing here.
 */
enum Point {
    PRE_ENQUEUE("preEnqueue", "PreEnqueuePlugin", Plugin.PreEnqueue.class),
    QUEUE_SORT("queueSort", "QueueSortPlugin", null),
    PRE_FILTER("preFilter", "PreFilterPlugin", Plugin.Filters.class),
    FILTER("filter", "FilterPlugin", Plugin.Filters.class),
    POST_FILTER("postFilter", "PostFilterPlugin", Plugin.PostFilters.class),
    PRE_SCORE("preScore", "PreScorePlugin", Plugin.Scores.class),
    SCORE("score", "ScorePlugin", Plugin.Scores.class),
    RESERVE("reserve", "ReservePlugin", Plugin.Reserves.class),
    PERMIT("permit", "PermitPlugin", Plugin.Permits.class),
    PRE_BIND("preBind", "PreBindPlugin", Plugin.Reserves.class),
    BIND("bind", "BindPlugin", null),
    POST_BIND("postBind", "PostBindPlugin", null);

    final String field;
    final String type;
    private final @Nullable Class<? extends Plugin> shape;

    Point(String field, String type, @Nullable Class<? extends Plugin> shape) {
        this.field = field;
        this.type = type;
        this.shape = shape;
    }

    boolean isOf(Class<? extends Plugin> plugin) {
        return shape != null && shape.isAssignableFrom(plugin);
    }
}
