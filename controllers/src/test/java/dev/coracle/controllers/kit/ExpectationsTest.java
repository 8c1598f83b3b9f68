package dev.coracle.controllers.kit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.ObjectKey;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ExpectationsTest {
    @Test
    void untilTheCopyShowsWhatWasDoneNothingIsSettled() {
        var expectations = new Expectations();
        var key = new ObjectKey("default", "web");
        Instant now = Instant.EPOCH;
        expectations.created(key, "a", now);
        assertThat(expectations.settled(key, n -> false, n -> false, n -> true, now))
                .isFalse();
        Instant later = now.plus(Expectations.LONG);
        assertThat(expectations.settled(key, n -> false, n -> false, n -> true, later))
                .isFalse();
        assertThat(expectations.settled(key, n -> false, n -> false, n -> false, later))
                .isTrue();
        expectations.deleted(key, "b", now);
        assertThat(expectations.settled(key, n -> true, n -> true, n -> true, now))
                .isFalse();
        assertThat(expectations.settled(key, n -> true, n -> false, n -> true, now))
                .isTrue();
    }
}
