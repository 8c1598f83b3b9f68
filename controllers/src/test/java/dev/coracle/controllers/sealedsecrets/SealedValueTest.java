package dev.coracle.controllers.sealedsecrets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.env.VirtualEnvironment;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** The format of one value, against the same made by hand from RFC 8017. */
class SealedValueTest {
    private static final KeyPair PAIR = Pairs.of(0);
    private static final RSAPublicKey PUBLIC = (RSAPublicKey) PAIR.getPublic();
    private static final byte[] VALUE = "hunter2".getBytes(StandardCharsets.UTF_8);
    private static final String LABEL = "shop/db";

    private final Entropy entropy = new VirtualEnvironment(1).environment().entropy();

    @Test
    void whatIsSealedOpensInItsPlaceOnly() {
        byte[] sealed = SealedValue.seal(VALUE, PUBLIC, LABEL, entropy);
        assertThat(open(sealed, LABEL)).hasValue(VALUE);
        assertThat(open(sealed, "shop/other")).isEmpty();
        assertThat(open(sealed, "")).isEmpty();
        assertThat(SealedValue.open(sealed, List.of(Pairs.of(1).getPrivate()), LABEL))
                .isEmpty();
        assertThat(SealedValue.open(sealed, List.of(Pairs.of(1).getPrivate(), PAIR.getPrivate()), LABEL))
                .as("among other keys")
                .hasValue(VALUE);
        assertThat(SealedValue.seal(VALUE, PUBLIC, LABEL, entropy))
                .as("the same value, sealed twice")
                .isNotEqualTo(sealed);
        assertThat(open(SealedValue.seal(new byte[0], PUBLIC, "", entropy), "")).hasValue(new byte[0]);
    }

    @Test
    void whatIsDamagedDoesNotOpen() {
        byte[] sealed = SealedValue.seal(VALUE, PUBLIC, LABEL, entropy);
        for (int at : new int[] {0, 1, 2, 100, 257, 258, sealed.length - 1}) {
            byte[] damaged = sealed.clone();
            damaged[at] ^= 1;
            assertThat(open(damaged, LABEL)).as("byte " + at).isEmpty();
        }
        for (int length : new int[] {0, 1, 2, 3, 258, sealed.length - 1}) {
            assertThat(open(Arrays.copyOf(sealed, length), LABEL))
                    .as("the first " + length)
                    .isEmpty();
        }
        assertThat(open(new byte[] {(byte) 0xff, (byte) 0xff, 1}, LABEL)).isEmpty();
        assertThat(open(new byte[] {0, 0, 1}, LABEL)).isEmpty();
    }

    @Test
    void oneThatIsMadeByHandOpens() throws Exception {
        byte[] session = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
        var sealed = new ByteArrayOutputStream();
        sealed.write(new byte[] {1, 0});
        sealed.write(oaep(session, LABEL));
        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        gcm.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(session, "AES"), new GCMParameterSpec(128, new byte[12]));
        sealed.write(gcm.doFinal(VALUE));
        assertThat(open(sealed.toByteArray(), LABEL)).hasValue(VALUE);
    }

    @Test
    void oursIsOpenedByHand() throws Exception {
        byte[] sealed = SealedValue.seal(VALUE, PUBLIC, LABEL, entropy);
        assertThat(Arrays.copyOf(sealed, 2)).as("2048 bits are 256 bytes").containsExactly(1, 0);
        byte[] session = unpadded(Arrays.copyOfRange(sealed, 2, 258), LABEL);
        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        gcm.init(Cipher.DECRYPT_MODE, new SecretKeySpec(session, "AES"), new GCMParameterSpec(128, new byte[12]));
        assertThat(gcm.doFinal(sealed, 258, sealed.length - 258)).isEqualTo(VALUE);
    }

    private static Optional<byte[]> open(byte[] sealed, String label) {
        return SealedValue.open(sealed, List.of(PAIR.getPrivate()), label);
    }

    /** RFC 8017, 7.1.1: {@code EM = 00 || maskedSeed || maskedDB}, {@code DB = hash(label) || 00… || 01 || message}. */
    private static byte[] oaep(byte[] message, String label) throws Exception {
        byte[] db = new byte[256 - 33];
        System.arraycopy(sha256(label.getBytes(StandardCharsets.UTF_8)), 0, db, 0, 32);
        db[db.length - message.length - 1] = 1;
        System.arraycopy(message, 0, db, db.length - message.length, message.length);
        byte[] seed = sha256(new byte[] {7});
        xor(db, mask(seed, db.length));
        xor(seed, mask(db, 32));
        byte[] em = new byte[256];
        System.arraycopy(seed, 0, em, 1, 32);
        System.arraycopy(db, 0, em, 33, db.length);
        return bytes(new BigInteger(1, em).modPow(PUBLIC.getPublicExponent(), PUBLIC.getModulus()));
    }

    private static byte[] unpadded(byte[] cipher, String label) throws Exception {
        RSAPrivateKey key = (RSAPrivateKey) PAIR.getPrivate();
        byte[] em = bytes(new BigInteger(1, cipher).modPow(key.getPrivateExponent(), key.getModulus()));
        byte[] seed = Arrays.copyOfRange(em, 1, 33);
        byte[] db = Arrays.copyOfRange(em, 33, 256);
        xor(seed, mask(db, 32));
        xor(db, mask(seed, db.length));
        assertThat(Arrays.copyOf(db, 32)).isEqualTo(sha256(label.getBytes(StandardCharsets.UTF_8)));
        int one = 32;
        while (db[one] == 0) {
            one++;
        }
        assertThat(db[one]).isEqualTo((byte) 1);
        return Arrays.copyOfRange(db, one + 1, db.length);
    }

    /** MGF1: {@code hash(seed || 0) || hash(seed || 1) || …}. */
    private static byte[] mask(byte[] seed, int length) throws Exception {
        var out = new ByteArrayOutputStream();
        for (int i = 0; out.size() < length; i++) {
            byte[] counted = Arrays.copyOf(seed, seed.length + 4);
            counted[seed.length + 3] = (byte) i;
            out.write(sha256(counted));
        }
        return Arrays.copyOf(out.toByteArray(), length);
    }

    private static void xor(byte[] a, byte[] b) {
        for (int i = 0; i < a.length; i++) {
            a[i] ^= b[i];
        }
    }

    private static byte[] bytes(BigInteger number) {
        byte[] all = number.toByteArray();
        byte[] fixed = new byte[256];
        int length = Math.min(256, all.length);
        System.arraycopy(all, all.length - length, fixed, 256 - length, length);
        return fixed;
    }

    private static byte[] sha256(byte[] bytes) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }
}
