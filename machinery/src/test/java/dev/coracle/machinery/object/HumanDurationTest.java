package dev.coracle.machinery.object;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The longer it is, the less exactly it is told. */
class HumanDurationTest {
    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT0.999S, 0s",
        "PT119.999S, 119s",
        "PT2M, 2m",
        "PT9M59S, 9m59s",
        "PT10M59S, 10m",
        "PT179M59S, 179m",
        "PT3H, 3h",
        "PT7H59M59S, 7h59m",
        "PT8H59M, 8h",
        "PT47H59M, 47h",
        "PT48H, 2d",
        "PT49H, 2d1h",
        "PT191H, 7d23h",
        "PT192H, 8d",
        "P729D, 729d",
        "P730D, 2y",
        "P731D, 2y1d",
        "P2919D, 7y364d",
        "P2920D, 8y",
        "P3000D, 8y",
    })
    void tellsTwoUnitsWhereTheFirstIsSmall(Duration d, String told) {
        assertThat(HumanDuration.of(d)).isEqualTo(told);
    }

    /** Another machine's clock may be a little ahead; more than that is no age. */
    @ParameterizedTest
    @CsvSource({"PT-0.5S, 0s", "PT-1S, 0s", "PT-1.9S, 0s", "PT-2S, <invalid>", "P-3D, <invalid>"})
    void tellsWhatIsStillToCome(Duration d, String told) {
        assertThat(HumanDuration.of(d)).isEqualTo(told);
    }
}
