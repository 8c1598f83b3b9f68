package dev.coracle.controllers.endpointslice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How zones share a Service's endpoints. */
class ZoneSharesTest {
    @Test
    void whoHasMoreThanItsShareLends() {
        ZoneShares shares = ZoneShares.of(endpoints("aaaabb"), Map.of("a", 0.5, "b", 0.5));
        assertThat(count(shares, "a")).isEqualTo(3);
        assertThat(count(shares, "b")).isEqualTo(3);
    }

    @Test
    void alsoToAZoneThatHasNone() {
        ZoneShares shares = ZoneShares.of(endpoints("aaaaaa"), Map.of("a", 1 / 3.0, "b", 1 / 3.0, "c", 1 / 3.0));
        assertThat(List.of(count(shares, "a"), count(shares, "b"), count(shares, "c")))
                .containsExactly(2, 2, 2);
    }

    @Test
    void sharesThatHalvesWouldMakeWorseAreNotGiven() {
        assertThat(ZoneShares.of(endpoints("aab"), Map.of("a", 0.5, "b", 0.5)).problem())
                .isEqualTo("Unable to allocate minimum required endpoints to each zone without exceeding overload"
                        + " threshold (3 endpoints, 2 zones)");
    }

    @Test
    void anEndpointThatIsNowhereStopsItAll() {
        assertThat(ZoneShares.of(endpoints("ab-"), Map.of("a", 0.34, "b", 0.33)).problem())
                .isEqualTo("One or more endpoints do not have a zone specified");
    }

    private static Map<String, String> endpoints(String zones) {
        Map<String, String> m = new LinkedHashMap<>();
        for (char zone : zones.toCharArray()) {
            m.put("e" + m.size(), zone == '-' ? "" : String.valueOf(zone));
        }
        return m;
    }

    private static int count(ZoneShares shares, String zone) {
        return Collections.frequency(shares.zones().values(), zone);
    }
}
