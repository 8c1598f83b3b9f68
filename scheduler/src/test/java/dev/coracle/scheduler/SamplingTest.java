package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SamplingTest {
    @Test
    void theMoreNodesThereAreTheSmallerAPartIsEnough() {
        assertThat(Sampling.enough(99, 0)).isEqualTo(99);
        assertThat(Sampling.enough(200, 0)).isEqualTo(100);
        assertThat(Sampling.enough(1000, 0)).isEqualTo(420);
        assertThat(Sampling.enough(5000, 0)).isEqualTo(500);
        assertThat(Sampling.enough(10_000, 0)).isEqualTo(500);
    }

    @Test
    void aWishIsHeededButAHundredAreAlwaysLookedAt() {
        assertThat(Sampling.enough(1000, 30)).isEqualTo(300);
        assertThat(Sampling.enough(1000, 1)).isEqualTo(100);
        assertThat(Sampling.enough(1000, 100)).isEqualTo(1000);
        assertThat(Sampling.enough(50, 1)).isEqualTo(50);
    }

    @Test
    void everyNodeHasItsTurn() {
        Sampling sampling = new Sampling();
        sampling.looked(100, 250);
        sampling.looked(100, 250);
        assertThat(sampling.start(250)).isEqualTo(200);
        sampling.looked(100, 250);
        assertThat(sampling.start(250)).isEqualTo(50);
    }
}
