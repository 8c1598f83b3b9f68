package dev.coracle.apiserver.encryption;

/** A way to write values into the store, and back. */
public interface Transformer {
    /**
     * @param plain not to be changed
     * @param key under which the value is stored; ciphers that can bind the value to it
     */
    byte[] seal(byte[] plain, byte[] key);

    /** @throws UnreadableException when it was written in another way, with another key, or is not as it was written */
    Opened open(byte[] stored, byte[] key) throws UnreadableException;

    /** @param stale whether it would be written in another way today: then a write that changes nothing is still due */
    record Opened(byte[] plain, boolean stale) {}
}
