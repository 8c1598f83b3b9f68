package dev.coracle.controllers.sealedsecrets;

import dev.coracle.machinery.env.Entropy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/**
 * One value, as {@code pkg/crypto} has it:
 *
 * <pre>
 * | 2 bytes | that many bytes                           | the rest                           |
 * | length  | session key, RSA-OAEP (SHA-256) and label | value, AES-256-GCM, nonce of zeros |
 * </pre>
 *
 * Each session key seals one value only, so its nonce need not differ from any other.
 */
public final class SealedValue {
    private static final int LENGTH = 2;
    private static final int SESSION_KEY = 32;
    private static final GCMParameterSpec ZERO_NONCE = new GCMParameterSpec(128, new byte[12]);

    private SealedValue() {}

    public static byte[] seal(byte[] value, RSAPublicKey key, String label, Entropy entropy) {
        try {
            byte[] session = entropy.bytes(SESSION_KEY);
            byte[] wrapped = oaep(Cipher.ENCRYPT_MODE, key, label).doFinal(session);
            byte[] sealed = gcm(Cipher.ENCRYPT_MODE, session).doFinal(value);
            return ByteBuffer.allocate(LENGTH + wrapped.length + sealed.length)
                    .putShort((short) wrapped.length)
                    .put(wrapped)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot seal a value", e);
        }
    }

    /** Empty when no key opens it with this label: it is damaged, or for another cluster or place. */
    static Optional<byte[]> open(byte[] sealed, List<PrivateKey> keys, String label) {
        ByteBuffer in = ByteBuffer.wrap(sealed);
        int length = sealed.length < LENGTH ? 0 : Short.toUnsignedInt(in.getShort());
        if (length == 0 || length > in.remaining()) {
            return Optional.empty();
        }
        byte[] wrapped = new byte[length];
        in.get(wrapped);
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        return keys.stream()
                .flatMap(k -> open(wrapped, rest, k, label).stream())
                .findFirst();
    }

    private static Optional<byte[]> open(byte[] wrapped, byte[] rest, PrivateKey key, String label) {
        try {
            byte[] session = oaep(Cipher.DECRYPT_MODE, key, label).doFinal(wrapped);
            return session.length == SESSION_KEY
                    ? Optional.of(gcm(Cipher.DECRYPT_MODE, session).doFinal(rest))
                    : Optional.empty();
        } catch (GeneralSecurityException e) {
            // Why it does not open is told to nobody: it would help who forges.
            return Optional.empty();
        }
    }

    private static Cipher oaep(int mode, Key key, String label) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        var place = new PSource.PSpecified(label.getBytes(StandardCharsets.UTF_8));
        // What Java takes without this is SHA-1 within.
        cipher.init(mode, key, new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, place));
        return cipher;
    }

    private static Cipher gcm(int mode, byte[] session) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(session, "AES"), ZERO_NONCE);
        return cipher;
    }
}
