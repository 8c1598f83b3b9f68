package dev.coracle.machinery.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.VirtualEnvironment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComponentLoggerTest {
    @TempDir
    Path dir;

    private final VirtualEnvironment world = new VirtualEnvironment(1);
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final ComponentLogger logger = new ComponentLogger(
            "coracle.kube-proxy",
            world.environment().clock(),
            () -> new PrintStream(printed, true, StandardCharsets.UTF_8));

    @Test
    void aComponentSpeaksKlogAndItsFileIsReadLikeAContainersLog() throws IOException {
        try (LogFile file =
                new LogFile(dir.resolve("kube-proxy.log"), world.environment().clock())) {
            logger.attach(file);
            logger.log(System.Logger.Level.WARNING, "a {0} of {1}", "rule", "nft");
            logger.log(System.Logger.Level.DEBUG, "nobody reads this");
            logger.detach(file);
            logger.log(System.Logger.Level.INFO, "after");
        }

        assertThat(printed.toString(StandardCharsets.UTF_8).lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .matches("W\\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d{6} kube-proxy] a rule of nft"),
                        line -> assertThat(line).endsWith("] after"));
        assertThat(dir.resolve("kube-proxy.log"))
                .content()
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z stdout F W\\d{4} .* a rule of nft\n");
    }

    @Test
    void anExceptionsTraceIsAsManyLinesOfTheFile() throws IOException {
        try (LogFile file = new LogFile(dir.resolve("log"), world.environment().clock())) {
            logger.attach(file);
            logger.log(System.Logger.Level.ERROR, "lost", new IllegalStateException("why"));
        }

        assertThat(Files.readAllLines(dir.resolve("log")))
                .hasSizeGreaterThan(2)
                .allMatch(line -> line.contains(" stdout F "))
                .anyMatch(line -> line.contains("IllegalStateException: why"));
    }

    @Test
    void aFullFileIsPutAsideAndBegunAnew() throws IOException {
        String line = "x".repeat(1 << 20);
        try (LogFile file = new LogFile(dir.resolve("log"), world.environment().clock())) {
            for (int i = 0; i < 11; i++) {
                file.write(line);
            }
        }

        assertThat(Files.size(dir.resolve("log.1"))).isBetween(9L << 20, LogFile.LIMIT);
        assertThat(Files.size(dir.resolve("log"))).isLessThan(3L << 20);
    }
}
