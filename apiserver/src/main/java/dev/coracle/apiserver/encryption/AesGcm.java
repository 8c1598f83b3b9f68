package dev.coracle.apiserver.encryption;

import dev.coracle.machinery.env.Entropy;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-GCM: a random nonce of 12 bytes, then ciphertext and tag. The key that the value is stored under is authenticated
 * with it, so that a value which was copied to another key is not read there.
 *
 * <p>Random nonces collide: one key is good for some 2<sup>32</sup> writes.
 */
final class AesGcm implements Transformer {
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec secret;
    private final Entropy entropy;

    AesGcm(byte[] secret, Entropy entropy) {
        this.secret = new SecretKeySpec(secret, "AES");
        this.entropy = entropy;
    }

    @Override
    public byte[] seal(byte[] plain, byte[] key) {
        byte[] nonce = entropy.bytes(NONCE);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, key).doFinal(plain);
            return ByteBuffer.allocate(NONCE + sealed.length)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Opened open(byte[] stored, byte[] key) throws UnreadableException {
        if (stored.length < NONCE) {
            throw new UnreadableException(UnreadableException.TOO_SHORT);
        }
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(stored, NONCE), key);
            return new Opened(cipher.doFinal(stored, NONCE, stored.length - NONCE), false);
        } catch (AEADBadTagException e) {
            throw new UnreadableException("cipher: message authentication failed");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, byte[] key) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, secret, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(key);
        return cipher;
    }
}
