package dev.coracle.flowforge.queue;

import java.util.Map;

/**
 * How one type of task stands.
 *
 * @param tasks how many are in each status
 * @param oldestWaitSeconds how long the one that was due first has waited; 0 when none is due
 */
public record Waiting(String type, Map<String, Long> tasks, double oldestWaitSeconds) {}
