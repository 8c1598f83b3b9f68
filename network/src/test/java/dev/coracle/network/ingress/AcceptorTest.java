package dev.coracle.network.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.env.Timers;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AcceptorTest {
    private final List<Duration> rests = new ArrayList<>();

    /** Whose timers note how long, and wait for nothing. */
    private Environment environment(SystemEnvironment system) {
        var timers = new Timers() {
            @Override
            public Timer schedule(Duration delay, Runnable task) {
                rests.add(delay);
                task.run();
                return () -> {};
            }

            @Override
            public Timer every(Duration period, Runnable task) {
                throw new UnsupportedOperationException();
            }
        };
        Environment real = system.environment();
        return new Environment(real.clock(), timers, real.tasks(), real.entropy());
    }

    @Test
    void whenDescriptorsRunOutItRestsAndThenGoesOn() throws Exception {
        var taken = new ArrayList<Socket>();
        try (var system = new SystemEnvironment((name, e) -> {});
                var server = new ServerSocket() {
                    private int asked;

                    @Override
                    public Socket accept() throws IOException {
                        if (++asked <= 3) {
                            throw new SocketException("Too many open files");
                        }
                        if (asked == 5) {
                            close();
                            throw new SocketException("Socket closed");
                        }
                        return new Socket();
                    }
                }) {
            new Acceptor(server, taken::add, environment(system)).run();
        }
        assertThat(taken).hasSize(1);
        assertThat(rests).containsExactly(Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofMillis(500));
    }
}
