package dev.coracle.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FiguresTest {
    @Test
    void theMedianIsInTheMiddleWhateverTheOrder() {
        assertThat(Figures.median(List.of(9.0, 1.0, 2.0))).isEqualTo(2.0);
        assertThat(Figures.median(List.of(4.0, 1.0, 2.0, 100.0))).isEqualTo(3.0);
    }

    @Test
    void aRatioIsOursToTheReference() {
        assertThat(Figures.ratio(300, 200)).isEqualTo("1.50×");
        assertThat(Figures.ratio(1, 80)).isEqualTo("0.0125×");
    }

    @Test
    void thereIsNoRatioToNothing() {
        assertThat(Figures.ratio(300, 0)).isEqualTo("-");
        assertThat(Figures.ratio(0, 300)).isEqualTo("-");
    }

    @Test
    void figuresShowThreeDigitsThatMatter() {
        assertThat(List.of(0.0, 0.01234, 0.5, 4.567, 45.67, 123.4, 98765.4).stream()
                        .map(Figures::number))
                .containsExactly("0", "0.0123", "0.500", "4.57", "45.7", "123", "98765");
    }

    @Test
    void aTableIsAsWideAsWhatIsInIt() {
        var table = new Table(1, "what", "n");
        table.row(List.of("a", "1"));
        table.row(List.of("longer", "1000"));
        assertThat(table.toString()).isEqualTo("""
                what       n
                a          1
                longer  1000
                """);
    }
}
