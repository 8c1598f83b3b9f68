package dev.coracle.cluster;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.env.SystemEnvironment;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TakenAddressTest {
    @TempDir
    Path dir;

    @Test
    void whoCannotListenSaysWhere() throws Exception {
        try (var system = new SystemEnvironment((n, e) -> e.printStackTrace());
                var other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = other.getLocalPort();
            assertThatThrownBy(() -> new TestApi(dir, system.environment(), port).close())
                    .hasMessageStartingWith("kube-apiserver cannot listen on 127.0.0.1:" + port + ": ")
                    .hasMessageContaining("Address already in use");
        }
    }
}
