package dev.coracle.kubelet.probe;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** Asks a container once. Blocks, at most as long as the probe's timeout. */
@FunctionalInterface
public interface Prober {
    Answer ask(Question question);

    /**
     * @param handler holds {@code exec}, {@code grpc}, {@code httpGet} or {@code tcpSocket}: a probe or a lifecycle hook
     * @param ports the container's, by which a port's name is found
     */
    record Question(String containerId, String podIp, Unstructured handler, List<Unstructured> ports) {}

    enum Result {
        SUCCESS,
        /** It counts as success, but whoever made the probe should know something. */
        WARNING,
        FAILURE,
        /** It counts as failure, and there was no whole answer. */
        ERROR
    }

    /** @param output what a user is shown of all but success */
    record Answer(Result result, String output) {
        public Answer(boolean success, String output) {
            this(success ? Result.SUCCESS : Result.FAILURE, output);
        }

        public boolean success() {
            return result == Result.SUCCESS || result == Result.WARNING;
        }
    }
}
