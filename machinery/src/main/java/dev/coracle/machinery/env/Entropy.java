package dev.coracle.machinery.env;

import java.util.UUID;

/** The source of all randomness; seeded in a simulation, secure in production. */
public interface Entropy {
    /** {@code 0 <= result < bound}. */
    int nextInt(int bound);

    /** {@code 0.0 <= result < 1.0}. */
    double nextDouble();

    /** {@code length} random bytes, fit for keys and tokens in production. */
    byte[] bytes(int length);

    /** A version 4 UUID. */
    default UUID uuid() {
        byte[] b = bytes(16);
        b[6] = (byte) ((b[6] & 0x0f) | 0x40);
        b[8] = (byte) ((b[8] & 0x3f) | 0x80);
        long high = 0;
        long low = 0;
        for (int i = 0; i < 8; i++) {
            high = (high << 8) | (b[i] & 0xff);
            low = (low << 8) | (b[i + 8] & 0xff);
        }
        return new UUID(high, low);
    }

    /**
     * A suffix as {@code generateName} appends it: upstream's alphabet, without vowels and look-alikes, so that no
     * words appear ({@code k8s.io/apimachinery/pkg/util/rand}).
     */
    default String suffix(int length) {
        String alphabet = "bcdfghjklmnpqrstvwxz2456789";
        StringBuilder s = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            s.append(alphabet.charAt(nextInt(alphabet.length())));
        }
        return s.toString();
    }
}
