package dev.coracle.apiserver.encryption;

import dev.coracle.machinery.env.Entropy;
import java.security.MessageDigest;
import java.util.Arrays;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/**
 * NaCl's {@code crypto_secretbox}: a random nonce of 24 bytes, a tag of Poly1305, the value under XSalsa20. The first 32
 * bytes of the key stream are the tag's key. Nonces of that length may be random for good.
 */
final class Secretbox implements Transformer {
    private static final int NONCE = 24;
    private static final int TAG = 16;
    private static final int TAG_KEY = 32;

    private final byte[] secret;
    private final Entropy entropy;

    Secretbox(byte[] secret, Entropy entropy) {
        this.secret = secret.clone();
        this.entropy = entropy;
    }

    @Override
    public byte[] seal(byte[] plain, byte[] key) {
        byte[] stored = Arrays.copyOf(entropy.bytes(NONCE), NONCE + TAG + plain.length);
        XSalsa20Engine stream = stream(stored);
        byte[] tagKey = tagKey(stream);
        stream.processBytes(plain, 0, plain.length, stored, NONCE + TAG);
        System.arraycopy(tag(tagKey, stored), 0, stored, NONCE, TAG);
        return stored;
    }

    @Override
    public Opened open(byte[] stored, byte[] key) throws UnreadableException {
        if (stored.length < NONCE + TAG) {
            throw new UnreadableException(UnreadableException.TOO_SHORT);
        }
        XSalsa20Engine stream = stream(stored);
        byte[] tag = tag(tagKey(stream), stored);
        if (!MessageDigest.isEqual(tag, Arrays.copyOfRange(stored, NONCE, NONCE + TAG))) {
            // Upstream's words for a wrong tag.
            throw new UnreadableException("output array was not large enough for encryption");
        }
        byte[] plain = new byte[stored.length - NONCE - TAG];
        stream.processBytes(stored, NONCE + TAG, plain.length, plain, 0);
        return new Opened(plain, false);
    }

    private XSalsa20Engine stream(byte[] stored) {
        XSalsa20Engine stream = new XSalsa20Engine();
        stream.init(true, new ParametersWithIV(new KeyParameter(secret), stored, 0, NONCE));
        return stream;
    }

    private static byte[] tagKey(XSalsa20Engine stream) {
        byte[] key = new byte[TAG_KEY];
        stream.processBytes(key, 0, TAG_KEY, key, 0);
        return key;
    }

    private static byte[] tag(byte[] key, byte[] stored) {
        Poly1305 mac = new Poly1305();
        mac.init(new KeyParameter(key));
        mac.update(stored, NONCE + TAG, stored.length - NONCE - TAG);
        byte[] tag = new byte[TAG];
        mac.doFinal(tag, 0);
        return tag;
    }
}
