package dev.coracle.apiserver.encryption;

import dev.coracle.machinery.env.Entropy;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-CBC: a random initialization vector of 16 bytes, then blocks, padded as PKCS #7 has it. Nothing is authenticated:
 * with a wrong key most values fail by their padding, and the others are no JSON.
 */
final class AesCbc implements Transformer {
    private static final int BLOCK = 16;

    private final SecretKeySpec secret;
    private final Entropy entropy;

    AesCbc(byte[] secret, Entropy entropy) {
        this.secret = new SecretKeySpec(secret, "AES");
        this.entropy = entropy;
    }

    @Override
    public byte[] seal(byte[] plain, byte[] key) {
        int padding = BLOCK - plain.length % BLOCK;
        byte[] padded = Arrays.copyOf(plain, plain.length + padding);
        Arrays.fill(padded, plain.length, padded.length, (byte) padding);
        byte[] stored = Arrays.copyOf(entropy.bytes(BLOCK), BLOCK + padded.length);
        byte[] blocks = crypt(Cipher.ENCRYPT_MODE, stored, padded, 0);
        System.arraycopy(blocks, 0, stored, BLOCK, blocks.length);
        return stored;
    }

    @Override
    public Opened open(byte[] stored, byte[] key) throws UnreadableException {
        if (stored.length < BLOCK) {
            throw new UnreadableException(UnreadableException.TOO_SHORT);
        }
        if (stored.length % BLOCK != 0) {
            throw new UnreadableException("the stored data is not a multiple of the block size");
        }
        byte[] padded = crypt(Cipher.DECRYPT_MODE, stored, stored, BLOCK);
        int padding = padded.length == 0 ? 0 : padded[padded.length - 1] & 0xff;
        if (padding == 0 || padding > padded.length) {
            throw new UnreadableException("invalid PKCS7 data (empty or not padded)");
        }
        for (int i = padded.length - padding; i < padded.length; i++) {
            if (padded[i] != (byte) padding) {
                throw new UnreadableException("invalid padding on input");
            }
        }
        return new Opened(Arrays.copyOf(padded, padded.length - padding), false);
    }

    /** @param vector begins with the initialization vector */
    private byte[] crypt(int mode, byte[] vector, byte[] blocks, int from) {
        try {
            Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
            cipher.init(mode, secret, new IvParameterSpec(vector, 0, BLOCK));
            return cipher.doFinal(blocks, from, blocks.length - from);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
