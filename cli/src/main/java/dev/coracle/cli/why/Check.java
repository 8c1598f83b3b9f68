package dev.coracle.cli.why;

import dev.coracle.machinery.object.Unstructured;
import java.util.Optional;

/** Something that can be wrong with the objects of a kind. */
@FunctionalInterface
interface Check {
    /** Empty where that is not what is wrong. */
    Optional<Finding> look(View view, Unstructured object);

    /** What the first of some finds. */
    static Optional<Finding> first(View view, Unstructured object, Check... checks) {
        for (Check c : checks) {
            Optional<Finding> found = c.look(view, object);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }
}
