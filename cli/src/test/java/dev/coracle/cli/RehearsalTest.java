package dev.coracle.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher takes no notice when the rehearsal fails, so this does. */
class RehearsalTest {
    @TempDir
    Path dir;

    @ParameterizedTest
    @ValueSource(strings = {"cluster", "commands"})
    void theStartCanBeRehearsed(String part) throws Exception {
        Process rehearsal = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseCompactObjectHeaders",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Rehearsal.class.getName(),
                        part)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("said").toFile())
                .start();
        assertThat(rehearsal.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(rehearsal.exitValue())
                .as(Files.readString(dir.resolve("said")))
                .isZero();
    }
}
