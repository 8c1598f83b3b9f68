package dev.coracle.client;

import java.time.Duration;

/**
 * What a work queue did so far, as client-go's metrics {@code workqueue_*} tell it.
 *
 * @param name of the queue: their label {@code name}
 * @param depth {@code workqueue_depth}: keys that wait
 * @param adds {@code workqueue_adds_total}: keys that came to wait; many adds of a waiting key are one
 * @param retries {@code workqueue_retries_total}: keys that were put off, by backoff or on request
 * @param taken how many waits {@code queueTime} is made of
 * @param queueTime {@code workqueue_queue_duration_seconds}, the sum
 * @param worked how many works {@code workTime} is made of
 * @param workTime {@code workqueue_work_duration_seconds}, the sum
 * @param unfinished {@code workqueue_unfinished_work_seconds}: how long all that is worked on has been so, summed up
 * @param longest {@code workqueue_longest_running_processor_seconds}
 */
public record LoopMetrics(
        String name,
        int depth,
        long adds,
        long retries,
        long taken,
        Duration queueTime,
        long worked,
        Duration workTime,
        Duration unfinished,
        Duration longest) {}
