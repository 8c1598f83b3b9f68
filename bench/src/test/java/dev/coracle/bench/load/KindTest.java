package dev.coracle.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KindTest {
    @Test
    void noSchedulerTakesThePods() {
        assertThat(Kind.PODS.object("a", 10).string("spec", "schedulerName")).isEqualTo("nobody");
    }

    @Test
    void objectsAreAsLargeAsAskedFor() {
        assertThat(Kind.CONFIGMAPS.object("a", 10).string("data", "payload")).hasSize(10);
        assertThat(Kind.PODS.object("a", 10).annotations().get("payload")).hasSize(10);
    }
}
