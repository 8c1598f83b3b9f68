package dev.coracle.controllers.podautoscaler;

import java.time.Duration;
import java.time.Instant;

/**
 * What was measured of one pod.
 *
 * @param value in thousandths
 * @param window over which it is an average, up to {@code time}
 */
record Sample(long value, Instant time, Duration window) {}
