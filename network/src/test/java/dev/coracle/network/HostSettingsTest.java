package dev.coracle.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostSettingsTest {
    private static final String FORWARD = "net/ipv4/ip_forward";

    @TempDir
    Path dir;

    private Path kernel;

    @BeforeEach
    void machine() throws IOException {
        kernel = dir.resolve("sys");
        Files.createDirectories(kernel.resolve("net/ipv4"));
        Files.writeString(kernel.resolve(FORWARD), "0\n");
    }

    /** Every process has its own. */
    private HostSettings settings() {
        return new HostSettings(dir.resolve("run"), kernel);
    }

    private String value() throws IOException {
        return Files.readString(kernel.resolve(FORWARD)).strip();
    }

    @Test
    void theLastClusterToGoRestoresWhatTheFirstFound() throws IOException {
        settings().need(0, FORWARD, "1", "");
        settings().need(3, FORWARD, "1", "");
        assertThat(value()).isEqualTo("1");
        settings().release(0);
        settings().release(0);
        assertThat(value()).isEqualTo("1");
        settings().release(3);
        assertThat(value()).isEqualTo("0");
    }

    @Test
    void aKilledClusterThatComesAgainStillKnowsWhatWasBefore() throws IOException {
        settings().need(0, FORWARD, "1", "");
        settings().need(0, FORWARD, "1", "");
        settings().release(0);
        assertThat(value()).isEqualTo("0");
    }

    @Test
    void whatTheMachineHadAnywayItKeeps() throws IOException {
        Files.writeString(kernel.resolve(FORWARD), "1\n");
        settings().need(0, FORWARD, "1", "");
        settings().release(0);
        assertThat(value()).isEqualTo("1");
    }

    @Test
    void aSettingThatCameWithAModuleGoesBackToItsAbsence() throws IOException {
        Files.writeString(kernel.resolve(FORWARD), "1\n");
        settings().need(0, FORWARD, "1", "0");
        settings().need(1, FORWARD, "1", "");
        settings().release(0);
        assertThat(value()).isEqualTo("1");
        settings().release(1);
        assertThat(value()).isEqualTo("0");
        settings().release(1);
        assertThat(settings().exists("net/ipv4/no_such")).isFalse();
    }
}
