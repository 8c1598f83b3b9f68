package dev.coracle.flowforge.api;

import dev.coracle.flowforge.type.TaskTypes;

/** A task of a type that is not in {@link TaskTypes}. */
final class UnknownType extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    UnknownType(String name) {
        super("type: unknown task type \"" + name + "\"; there are " + String.join(", ", TaskTypes.names()));
    }
}
