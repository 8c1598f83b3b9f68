package dev.coracle.apiserver.registry;

import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;

/** What a deletion demands of the object as it is. */
final class Deletions {
    private Deletions() {}

    /** @throws StatusException 409 when the object is not the one that was meant */
    static void check(Revision current, DeleteOptions options) {
        if (!options.uid().isEmpty() && !options.uid().equals(current.uid())) {
            throw StatusException.conflict(
                    current.resource(),
                    current.name(),
                    "the UID in the precondition (" + options.uid() + ") does not match the UID in record ("
                            + current.uid() + "). The object might have been deleted and then recreated");
        }
        if (!options.resourceVersion().isEmpty() && !options.resourceVersion().equals("" + current.version())) {
            throw StatusException.conflict(
                    current.resource(),
                    current.name(),
                    "the ResourceVersion in the precondition (" + options.resourceVersion()
                            + ") does not match the ResourceVersion in record (" + current.version()
                            + "). The object might have been modified");
        }
    }
}
