package dev.coracle.flowforge.type;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a worker does for a task. It may be run more than once for one task (a worker may die after the work and before
 * recording it), so effects elsewhere should be keyed by the task's id.
 */
@FunctionalInterface
public interface Work {
    /**
     * @param payload the task's payload
     * @return the result, a JSON tree
     * @throws Exception any failure: it is recorded and the task tried again
     */
    @Nullable
    Object run(Map<String, Object> payload, Tools tools) throws Exception;
}
