package dev.coracle.apiserver.admission;

import java.util.function.Supplier;

/** What admission stands around, and what it asks of it on the way. */
public interface Write<T> {
    /** {@link AdmissionRequest#object()} was changed by somebody who does not know its kind: fills in its defaults. */
    default void complete() {}

    /** Nobody changes the object any more: puts back what is the server's to decide, and validates the rest. */
    default void check() {}

    /** Not called for a request that is refused. */
    T store();

    /** Of what is checked where it is done. */
    static <T> Write<T> of(Supplier<T> action) {
        return action::get;
    }
}
