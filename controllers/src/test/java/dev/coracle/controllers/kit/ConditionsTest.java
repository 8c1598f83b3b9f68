package dev.coracle.controllers.kit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a condition is said to have changed. */
class ConditionsTest {
    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant NOW = THEN.plusSeconds(60);

    private final Unstructured object = World.tree("{'status':{'conditions':[{'type':'Available','status':'True',"
            + "'reason':'Fine','message':'all is well','lastTransitionTime':'2026-01-01T00:00:00Z'}]}}");
    private final List<Unstructured> conditions = Conditions.of(object);

    @Test
    void itsTimeMovesWithItsStatusAlone() {
        Conditions.set(conditions, "Available", "True", "Better", "all is very well", NOW);
        assertThat(conditions)
                .containsExactly(World.tree("{'type':'Available','status':'True','reason':'Better',"
                        + "'message':'all is very well','lastTransitionTime':'2026-01-01T00:00:00Z'}"));
        Conditions.set(conditions, "Available", "False", "Broken", "", NOW);
        assertThat(conditions)
                .containsExactly(World.tree("{'type':'Available','status':'False','reason':'Broken',"
                        + "'lastTransitionTime':'2026-01-01T00:01:00Z'}"));
        assertThat(Conditions.isTrue(object, "Available"))
                .as("the object is left alone")
                .isTrue();
    }

    @Test
    void aNewOneComesLast() {
        Conditions.set(conditions, "Progressing", "True", "Going", "on", NOW);
        assertThat(conditions).extracting(c -> c.string("type")).containsExactly("Available", "Progressing");
        assertThat(Conditions.find(conditions, "Progressing").orElseThrow().time("lastTransitionTime"))
                .contains(NOW);
    }
}
