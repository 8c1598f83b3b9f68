package dev.coracle.flowforge.api;

import dev.coracle.flowforge.queue.Task;
import dev.coracle.flowforge.queue.TaskQueue;
import dev.coracle.flowforge.queue.Waiting;
import dev.coracle.flowforge.type.TaskTypes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How the queue stands. */
final class Stats {
    private Stats() {}

    /** Each type there is and each there ever was; one without tasks has zeros. */
    static List<Waiting> byType(TaskQueue queue) {
        Map<String, Waiting> types = new LinkedHashMap<>();
        TaskTypes.names().forEach(name -> types.put(name, new Waiting(name, Task.noneInAnyStatus(), 0)));
        queue.stats().forEach(w -> types.put(w.type(), w));
        return new ArrayList<>(types.values());
    }

    static Map<String, Object> json(List<Waiting> types) {
        Map<String, Long> sums = Task.noneInAnyStatus();
        Map<String, Object> byType = new LinkedHashMap<>();
        double oldest = 0;
        for (Waiting w : types) {
            w.tasks().forEach((status, n) -> sums.merge(status, n, Long::sum));
            oldest = Math.max(oldest, w.oldestWaitSeconds());
            byType.put(w.type(), Map.of("tasks", w.tasks(), "oldestWaitSeconds", w.oldestWaitSeconds()));
        }
        Map<String, Object> stats = new LinkedHashMap<>();
        stats.put("tasks", sums);
        stats.put("oldestWaitSeconds", oldest);
        stats.put("types", byType);
        return stats;
    }
}
