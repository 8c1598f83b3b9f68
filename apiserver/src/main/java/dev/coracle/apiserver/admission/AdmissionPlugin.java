package dev.coracle.apiserver.admission;

/** One rule about what may be stored. A refusal is a {@link dev.coracle.machinery.object.StatusException}. */
public interface AdmissionPlugin {
    /** May change {@link AdmissionRequest#object()}. */
    default void admit(AdmissionRequest request) {}

    /** Sees the object as it will be stored and must not change it. */
    default void validate(AdmissionRequest request) {}
}
