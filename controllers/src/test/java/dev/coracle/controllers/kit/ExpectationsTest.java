package dev.coracle.controllers.kit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.ObjectKey;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExpectationsTest {
    private static final ObjectKey WEB = new ObjectKey("default", "web");
    private static final Instant NOW = Instant.EPOCH;
    private static final Instant LATER = NOW.plus(Expectations.LONG);

    private final Expectations expectations = new Expectations();
    private final Set<String> copy = new HashSet<>();
    private final Set<String> going = new HashSet<>();
    private final Set<String> server = new HashSet<>();

    private boolean settled(Instant now) {
        return expectations.settled(
                WEB,
                new Expectations.Sight() {
                    @Override
                    public boolean has(String pod) {
                        return copy.contains(pod);
                    }

                    @Override
                    public boolean hasLive(String pod) {
                        return copy.contains(pod) && !going.contains(pod);
                    }

                    @Override
                    public boolean exists(String pod) {
                        return server.contains(pod);
                    }

                    @Override
                    public boolean stays(String pod) {
                        return server.contains(pod) && !going.contains(pod);
                    }
                },
                now);
    }

    @Test
    void whatWasCreatedIsExpectedUntilTheCopyShowsItOrItIsGone() {
        expectations.created(WEB, "a", NOW);
        server.add("a");
        assertThat(settled(NOW)).isFalse();
        assertThat(settled(LATER)).isFalse();
        server.clear();
        assertThat(settled(LATER)).isTrue();
        expectations.created(WEB, "b", NOW);
        copy.add("b");
        assertThat(settled(NOW)).isTrue();
    }

    @Test
    void whatWasDeletedIsExpectedUntilTheCopyShowsItOrItStays() {
        copy.add("a");
        expectations.deleted(WEB, "a", NOW);
        assertThat(settled(NOW)).isFalse();
        going.add("a");
        assertThat(settled(NOW)).isTrue();
        copy.add("b");
        server.add("b");
        expectations.deleted(WEB, "b", NOW);
        assertThat(settled(NOW)).isFalse();
        assertThat(settled(LATER)).as("it was never deleted").isTrue();
    }

    @Test
    void whatWasPerhapsCreatedIsWaitedForForAWhile() {
        expectations.perhapsCreated(WEB, NOW);
        assertThat(settled(NOW)).isFalse();
        assertThat(settled(LATER)).isTrue();
    }
}
