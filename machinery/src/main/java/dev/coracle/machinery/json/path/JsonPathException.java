package dev.coracle.machinery.json.path;

/** A path that cannot be read, or followed; the message is upstream's. */
public final class JsonPathException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    JsonPathException(String message) {
        super(message);
    }
}
