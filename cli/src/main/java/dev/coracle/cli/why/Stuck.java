package dev.coracle.cli.why;

import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What is deleted and stays, of any kind. */
final class Stuck implements Check {
    /** What whoever set a finalizer may take. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Override
    public Optional<Finding> look(View view, Unstructured object) {
        boolean late = object.isDeleting()
                && view.since(object.time("metadata", "deletionTimestamp")).compareTo(PATIENCE) > 0;
        return late ? finalizers(object) : Optional.empty();
    }

    static Optional<Finding> finalizers(Unstructured object) {
        if (object.finalizers().isEmpty()) {
            return Optional.empty();
        }
        String names = String.join(", ", object.finalizers());
        Subject subject = Subject.of(object);
        return Optional.of(new Finding(
                subject,
                "FinalizerNotRemoved",
                "It is deleted, and kept by its finalizer " + names
                        + ": whoever set it has not done what he waits for, or is gone.",
                List.of(
                        "metadata.deletionTimestamp: " + object.string("metadata", "deletionTimestamp"),
                        "metadata.finalizers: " + names),
                "kubectl " + subject.flag() + "get " + subject.path() + " -o yaml"));
    }
}
