package dev.coracle.client;

import dev.coracle.machinery.object.Unstructured;

/**
 * Writes {@code v1} Events, aggregating repeats by count as {@code client-go/tools/record} does. Never blocks and never
 * throws: events are soft state.
 */
@FunctionalInterface
public interface EventRecorder {
    /**
     * @param about the object the event is about; with a {@code fieldPath} beside its metadata, that part of it. Read
     *     before this returns
     * @param type {@code Normal} or {@code Warning}
     * @param reason {@code ScalingReplicaSet}, {@code FailedScheduling}…
     */
    void event(Unstructured about, String type, String reason, String message);

    default void normal(Unstructured about, String reason, String message) {
        event(about, "Normal", reason, message);
    }

    default void warning(Unstructured about, String reason, String message) {
        event(about, "Warning", reason, message);
    }
}
