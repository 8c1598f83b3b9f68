package dev.coracle.runtime;

/** A CRI call failed; the message is shown to the user in events and container statuses. */
public final class CriException extends RuntimeException {
    private final Code code;

    /** Kinds of failure the kubelet treats differently. */
    public enum Code {
        /** No such sandbox, container or image. */
        NOT_FOUND,
        /** The image reference cannot be parsed. */
        INVALID_IMAGE_NAME,
        /** The registry cannot be reached. */
        REGISTRY_UNAVAILABLE,
        /** Anything else. */
        UNKNOWN
    }

    public CriException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public CriException(String message, Throwable cause) {
        super(message, cause);
        this.code = Code.UNKNOWN;
    }

    public CriException(String message) {
        this(Code.UNKNOWN, message);
    }

    public Code code() {
        return code;
    }
}
