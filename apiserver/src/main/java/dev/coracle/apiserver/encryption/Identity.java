package dev.coracle.apiserver.encryption;

import java.nio.charset.StandardCharsets;

/** Stores values as they are; what some cipher wrote it does not take for a value. */
final class Identity implements Transformer {
    private static final byte[] SEALED = "k8s:enc:".getBytes(StandardCharsets.UTF_8);

    @Override
    public byte[] seal(byte[] plain, byte[] key) {
        return plain;
    }

    @Override
    public Opened open(byte[] stored, byte[] key) throws UnreadableException {
        if (Prefixed.startsWith(stored, SEALED)) {
            throw new UnreadableException("identity transformer tried to read encrypted data");
        }
        return new Opened(stored, false);
    }
}
