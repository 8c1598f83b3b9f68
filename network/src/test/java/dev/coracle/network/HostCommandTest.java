package dev.coracle.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostCommandTest {
    @Test
    void aCommandThatHangsIsKilledAndFails() {
        var result = HostCommand.run(
                "x".repeat(1 << 20), List.of("sh", "-c", "echo began; exec sleep 600"), Duration.ofMillis(300));
        assertThat(result.ok()).isFalse();
        assertThat(result.output()).contains("did not end within", "began");
    }

    @Test
    void endlessTalkIsCutShortButHeardToItsEnd() {
        var result = HostCommand.run("sh", "-c", "head -c 40000000 /dev/zero | tr '\\0' x; exit 3");
        assertThat(result.code()).isEqualTo(3);
        assertThat(result.output()).hasSize(16 << 20);
    }

    @Test
    void aToolThatIsMissingIsNamed() {
        assertThatThrownBy(() -> HostCommand.run("no-such-tool"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("no-such-tool");
    }
}
