package dev.coracle.controllers.externalsecrets;

/** Why a store gave nothing. What it says is read by everybody who sees events: nothing secret is in it. */
final class ProviderException extends Exception {
    /** What to make of it. */
    enum Kind {
        /** The store has no such secret. */
        MISSING,
        /** It cannot even be asked: something is wrong here. */
        CONFIGURATION,
        /** It was asked, and said no. */
        REFUSED,
        /** There was no answer, or none that says anything. */
        UNREACHABLE
    }

    private final Kind kind;

    ProviderException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    static ProviderException missing() {
        return new ProviderException(Kind.MISSING, "Secret does not exist");
    }

    static ProviderException configuration(String message) {
        return new ProviderException(Kind.CONFIGURATION, message);
    }

    static ProviderException refused(String message) {
        return new ProviderException(Kind.REFUSED, message);
    }

    static ProviderException unreachable(String message) {
        return new ProviderException(Kind.UNREACHABLE, message);
    }

    Kind kind() {
        return kind;
    }

    boolean isMissing() {
        return kind == Kind.MISSING;
    }

    String text() {
        return String.valueOf(getMessage());
    }

    /** The same, with where it happened. */
    ProviderException at(String where) {
        return new ProviderException(kind, where + text());
    }
}
