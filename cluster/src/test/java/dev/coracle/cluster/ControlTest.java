package dev.coracle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.cluster.control.ControlClient;
import dev.coracle.cluster.control.ControlServer;
import dev.coracle.machinery.env.SystemEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlTest {
    @TempDir
    Path dir;

    private final SystemEnvironment system = new SystemEnvironment((task, e) -> {});
    private Path socket;
    private ControlServer server;

    @BeforeEach
    void listen() throws IOException {
        socket = dir.resolve("c.sock");
        server = new ControlServer(
                socket,
                words -> {
                    if (words.contains("nobody")) {
                        throw new IllegalArgumentException("there is no node \"nobody\"");
                    }
                    return "did " + String.join(" ", words);
                },
                system.environment());
        server.start();
    }

    @AfterEach
    void end() throws IOException {
        server.close();
        system.close();
    }

    @Test
    void aCommandIsAnsweredAndAFailureTold() throws IOException {
        assertThat(new ControlClient(socket).ask(List.of("node", "stop", "w\n\"1\"")))
                .isEqualTo("did node stop w\n\"1\"");
        assertThatThrownBy(() -> new ControlClient(socket).ask(List.of("node", "stop", "nobody")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("there is no node \"nobody\"");
    }

    @Test
    void onlyItsOwnerMayOpenTheSocketAndItGoesWithTheServer() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");

        server.close();

        assertThat(socket).doesNotExist();
        assertThatThrownBy(() -> new ControlClient(socket).ask(List.of("node"))).isInstanceOf(IOException.class);
    }
}
