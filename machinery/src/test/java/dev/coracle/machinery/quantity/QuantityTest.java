package dev.coracle.machinery.quantity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
    @ParameterizedTest
    @CsvSource({
        "0,0", "0.5,500m", "1000m,1", "1.5Gi,1536Mi", "1024Mi,1Gi", "1000Ki,1000Ki", "100n,100n", "1e3,1e3",
        "12e-3,12e-3", "1000,1k", "1001,1001", "0.0000000001,1n", "5E,5E", "512Ki,512Ki", "0.5Ki,512", "-1.5,-1500m",
        "1500k,1500k", "2000M,2G", ".5Mi,512Ki", "1500Mi,1500Mi"
    })
    void isPrintedCanonically(String text, String canonical) {
        assertThat(Quantity.parse(text)).hasToString(canonical);
        assertThat(Quantity.parse(canonical)).hasToString(canonical);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "1 Gi", "1Kb", "1ki", "--1", "1.2.3", "1e", "1Gi1", "1e9999"})
    void refusesWhatIsNone(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Quantity.parse(text));
    }

    @Test
    void roundsUpAndNeverDown() {
        assertThat(Quantity.parse("1200m").value()).isEqualTo(2);
        assertThat(Quantity.parse("1u").milli()).isEqualTo(1);
        assertThat(Quantity.parse("100E").milli()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void sumsAreExactWhateverTheSuffixes() {
        Random random = new Random(7);
        String[] suffixes = {"m", "", "k", "Ki", "Mi", "Gi", "M"};
        BigInteger[] milli = {
            BigInteger.ONE,
            BigInteger.valueOf(1000),
            BigInteger.valueOf(1_000_000),
            BigInteger.valueOf(1024_000),
            BigInteger.valueOf(1_048_576_000L),
            BigInteger.valueOf(1_073_741_824_000L),
            BigInteger.valueOf(1_000_000_000L)
        };
        for (int round = 0; round < 1000; round++) {
            Quantity sum = Quantity.ZERO;
            BigInteger expected = BigInteger.ZERO;
            for (int i = 0; i < 5; i++) {
                int s = random.nextInt(suffixes.length);
                int n = random.nextInt(1000);
                sum = sum.plus(Quantity.parse(n + suffixes[s]));
                expected = expected.add(milli[s].multiply(BigInteger.valueOf(n)));
            }
            assertThat(sum.milli()).isEqualTo(expected.longValueExact());
        }
    }
}
