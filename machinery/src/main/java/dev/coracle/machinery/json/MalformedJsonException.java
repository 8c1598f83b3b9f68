package dev.coracle.machinery.json;

/** The text is not what its format says it is; the message says why, without the text itself. */
public final class MalformedJsonException extends RuntimeException {
    public MalformedJsonException(String message) {
        super(message);
    }
}
