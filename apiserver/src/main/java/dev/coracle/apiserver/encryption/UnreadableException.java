package dev.coracle.apiserver.encryption;

/** A stored value cannot be opened. The message is for clients: it says why in upstream's words, and nothing of the value. */
public final class UnreadableException extends Exception {
    static final String TOO_SHORT = "the stored data was shorter than the required size";

    public UnreadableException(String why) {
        super(why);
    }

    public String why() {
        return String.valueOf(getMessage());
    }
}
