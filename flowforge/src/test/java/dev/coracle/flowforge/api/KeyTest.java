package dev.coracle.flowforge.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyTest {
    @Test
    void onlyTheKeyOpens() {
        assertThat(new Key("s3cret").opens("s3cret")).isTrue();
        assertThat(new Key("s3cret").opens("s3cre")).isFalse();
        assertThat(new Key("s3cret").opens(null)).isFalse();
    }

    @Test
    void aServiceThatWasGivenNoneLetsNobodyIn() {
        assertThat(new Key("").opens("")).isFalse();
        assertThat(new Key("").opens(null)).isFalse();
    }
}
