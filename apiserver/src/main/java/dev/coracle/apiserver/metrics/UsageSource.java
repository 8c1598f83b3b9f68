package dev.coracle.apiserver.metrics;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Who knows what nodes and pods use. */
public interface UsageSource {
    /** Nobody knows: the API is not served. */
    UsageSource NONE = new UsageSource() {
        @Override
        public List<Node> nodes() {
            return List.of();
        }

        @Override
        public List<Pod> pods() {
            return List.of();
        }
    };

    List<Node> nodes();

    List<Pod> pods();

    /**
     * @param nanocores processor use, averaged over the window, in billionths of a core
     * @param memoryBytes the working set
     */
    record Usage(long nanocores, long memoryBytes) {
        public Usage plus(Usage other) {
            return new Usage(nanocores + other.nanocores, memoryBytes + other.memoryBytes);
        }
    }

    record Node(String name, Instant time, Duration window, Usage usage) {}

    record Container(String name, Usage usage) {}

    record Pod(String namespace, String name, Instant time, Duration window, List<Container> containers) {}
}
