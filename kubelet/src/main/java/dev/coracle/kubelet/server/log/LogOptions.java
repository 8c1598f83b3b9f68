package dev.coracle.kubelet.server.log;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a log, and how; {@code v1.PodLogOptions}.
 *
 * @param tailLines how many lines from the end, null for all
 * @param since nothing older
 * @param timestamps begin each line with its time
 * @param limitBytes stop there, if need be within a line; null for no limit
 * @param stream {@code stdout} or {@code stderr}, null for both
 */
public record LogOptions(
        boolean follow,
        boolean previous,
        @Nullable Long tailLines,
        @Nullable Instant since,
        boolean timestamps,
        @Nullable Long limitBytes,
        @Nullable String stream) {
    /** The whole log as it is. */
    public static LogOptions everything() {
        return new LogOptions(false, false, null, null, false, null, null);
    }
}
