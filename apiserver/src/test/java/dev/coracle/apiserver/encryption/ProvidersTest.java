package dev.coracle.apiserver.encryption;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.env.VirtualEnvironment;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each cipher against values that other programs made: AES those of OpenSSL, secretbox NaCl's published vector, and one of
 * an implementation that shares nothing with this one.
 */
class ProvidersTest {
    private static final byte[] PLAIN = "{\"kind\":\"Secret\"}".getBytes(UTF_8);
    private static final byte[] KEY = "/registry/secrets/default/a".getBytes(UTF_8);
    private static final byte[] SECRET = counting(32);

    /** Nonces count from 0. */
    private static final Entropy COUNTING = new Entropy() {
        @Override
        public int nextInt(int bound) {
            return 0;
        }

        @Override
        public double nextDouble() {
            return 0;
        }

        @Override
        public byte[] bytes(int length) {
            return counting(length);
        }
    };

    private static byte[] counting(int length) {
        byte[] b = new byte[length];
        for (int i = 0; i < length; i++) {
            b[i] = (byte) i;
        }
        return b;
    }

    private static Transformer of(String field, byte[] secret, Entropy entropy) {
        return Providers.of(field).orElseThrow().maker().apply(secret, entropy);
    }

    private static void expect(String field, String base64) throws UnreadableException {
        byte[] stored = Base64.getDecoder().decode(base64);
        assertThat(of(field, SECRET, COUNTING).seal(PLAIN, KEY)).isEqualTo(stored);
        assertThat(of(field, SECRET, COUNTING).open(stored, KEY).plain()).isEqualTo(PLAIN);
    }

    @Test
    void whatIsWrittenIsWhatOthersWrite() throws UnreadableException {
        expect("aesgcm", "AAECAwQFBgcICQoLPCC9cquB4CGvEvLow4wMT/4QiMgpJXe7Cnxf7JaQ4DVj");
        expect("aescbc", "AAECAwQFBgcICQoLDA0ODx6Z9CqH2574qyoonvyCBY2bbfPDuAYVfidmPWWRJLt6");
        expect("secretbox", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXBOoFHUUxH5ixuPpCb8pB0CXdUyaproAqmW/qXRrqPrUv");
    }

    @Test
    void secretboxIsNaCls() throws UnreadableException {
        HexFormat hex = HexFormat.of();
        byte[] secret = hex.parseHex("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
        String nonce = "69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37";
        String box = "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186a"
                + "c0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae"
                + "90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74"
                + "e355a5";
        assertThat(hex.formatHex(of("secretbox", secret, COUNTING)
                        .open(hex.parseHex(nonce + box), KEY)
                        .plain()))
                .startsWith("be075fc53c81f2d5cf141316ebeb0c7b")
                .endsWith("048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705");
    }

    @ParameterizedTest
    @ValueSource(strings = {"aesgcm", "aescbc", "secretbox"})
    void whatWasWrittenIsReadWhateverItsLengthAndNeverWrittenAlikeTwice(String field) throws UnreadableException {
        Transformer t =
                of(field, SECRET, new VirtualEnvironment(1).environment().entropy());
        for (int length : List.of(0, 1, 15, 16, 17, 63, 64, 65, 100_000)) {
            byte[] plain = counting(length);
            byte[] stored = t.seal(plain, KEY);
            assertThat(t.open(stored, KEY).plain()).isEqualTo(plain);
            assertThat(t.seal(plain, KEY)).isNotEqualTo(stored);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"aesgcm", "secretbox"})
    void oneBitChangedAnywhereIsSeen(String field) {
        Transformer t = of(field, SECRET, COUNTING);
        byte[] stored = t.seal(PLAIN, KEY);
        for (int i = 0; i < stored.length; i++) {
            byte[] torn = stored.clone();
            torn[i] ^= 1;
            assertThatThrownBy(() -> t.open(torn, KEY)).isInstanceOf(UnreadableException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"aesgcm", "aescbc", "secretbox"})
    void whatIsCutAnywhereFailsInWords(String field) {
        Transformer t = of(field, SECRET, COUNTING);
        byte[] stored = t.seal(PLAIN, KEY);
        for (int i = 0; i < 16; i++) {
            byte[] torn = Arrays.copyOf(stored, i);
            if (field.equals("aesgcm") && i >= 12) {
                assertThatThrownBy(() -> t.open(torn, KEY)).isInstanceOf(UnreadableException.class);
            } else {
                assertThatThrownBy(() -> t.open(torn, KEY))
                        .hasMessage("the stored data was shorter than the required size");
            }
        }
        byte[] vector = Arrays.copyOf(stored, 16);
        assertThatThrownBy(() -> t.open(vector, KEY)).isInstanceOf(UnreadableException.class);
    }

    @Test
    void aValueOfGcmIsNotReadUnderAnotherKeyOfTheStore() {
        Transformer t = of("aesgcm", SECRET, COUNTING);
        byte[] stored = t.seal(PLAIN, KEY);
        assertThatThrownBy(() -> t.open(stored, "/registry/secrets/default/b".getBytes(UTF_8)))
                .hasMessage("cipher: message authentication failed");
    }

    @Test
    void eachSaysOfAWrongSecretWhatUpstreamSays() {
        byte[] wrong = counting(33);
        byte[] other = Arrays.copyOfRange(wrong, 1, 33);
        assertThatThrownBy(() -> of("aesgcm", other, COUNTING)
                        .open(of("aesgcm", SECRET, COUNTING).seal(PLAIN, KEY), KEY))
                .hasMessage("cipher: message authentication failed");
        assertThatThrownBy(() -> of("secretbox", other, COUNTING)
                        .open(of("secretbox", SECRET, COUNTING).seal(PLAIN, KEY), KEY))
                .hasMessage("output array was not large enough for encryption");
        assertThatThrownBy(() -> of("aescbc", other, COUNTING)
                        .open(of("aescbc", SECRET, COUNTING).seal(PLAIN, KEY), KEY))
                .hasMessageStartingWith("invalid P");
    }
}
