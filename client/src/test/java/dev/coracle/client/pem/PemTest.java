package dev.coracle.client.pem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PemTest {
    private static KeyPair pair(String algorithm) throws GeneralSecurityException {
        return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
    }

    @ParameterizedTest
    @CsvSource({"EC, EC PRIVATE KEY", "RSA, RSA PRIVATE KEY", "Ed25519, PRIVATE KEY"})
    void aKeyIsReadAsItWasWritten(String algorithm, String label) throws Exception {
        KeyPair pair = pair(algorithm);
        assertThat(Pem.privateKey(Pem.text(pair.getPrivate()))).isEqualTo(pair.getPrivate());
        String traditional = Pem.traditional(pair.getPrivate(), pair.getPublic());
        assertThat(traditional).startsWith("-----BEGIN " + label + "-----\n");
        PrivateKey read = Pem.privateKey("# of an admin\n" + traditional);
        assertThat(Pem.belong(read, pair.getPublic())).isTrue();
        assertThat(Pem.belong(read, pair(algorithm).getPublic())).isFalse();
    }

    /** Go, and with it kubectl, needs the curve; fabric8 needs the public key. */
    @Test
    void anEcKeyCarriesItsCurveAndPublicKey() throws Exception {
        KeyPair pair = pair("EC");
        try (var parser = new PEMParser(new StringReader(Pem.traditional(pair.getPrivate(), pair.getPublic())))) {
            PEMKeyPair read = (PEMKeyPair) parser.readObject();
            assertThat(read.getPublicKeyInfo().getEncoded())
                    .isEqualTo(pair.getPublic().getEncoded());
            assertThat(read.getPrivateKeyInfo().getPrivateKeyAlgorithm().getParameters())
                    .isNotNull();
        }
    }

    @Test
    void whatIsNoKeyIsTold() {
        assertThatThrownBy(() -> Pem.privateKey("nothing")).hasMessageContaining("no private key");
        assertThatThrownBy(() -> Pem.certificates("")).hasMessageContaining("no certificate");
        assertThatThrownBy(() -> Pem.privateKey("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"))
                .isInstanceOf(GeneralSecurityException.class)
                .hasMessageContaining("cannot be read");
    }
}
