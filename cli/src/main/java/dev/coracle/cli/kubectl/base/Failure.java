package dev.coracle.cli.kubectl.base;

/** A command cannot do what it was asked: shown as {@code error: MESSAGE}, or as it stands when {@code verbatim}. */
public final class Failure extends RuntimeException {
    private final int code;
    private final boolean verbatim;

    public Failure(String message) {
        this(message, 1, false);
    }

    private Failure(String message, int code, boolean verbatim) {
        super(message);
        this.code = code;
        this.verbatim = verbatim;
    }

    /** With no {@code error:} before it; {@code ""} prints nothing. */
    public static Failure plain(String message, int code) {
        return new Failure(message, code, true);
    }

    public int code() {
        return code;
    }

    String line() {
        return verbatim ? String.valueOf(getMessage()) : "error: " + getMessage();
    }
}
