package dev.coracle.cluster.control;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Listens for commands to a running cluster. */
public final class ControlServer implements AutoCloseable {
    private final Path socket;
    private final Function<List<String>, String> commands;
    private final Environment environment;
    private @Nullable ServerSocketChannel listening;

    /**
     * @param socket at most 107 bytes long, a limit of the kernel's
     * @param commands answers the words of a command; what it throws is told to who asked
     */
    public ControlServer(Path socket, Function<List<String>, String> commands, Environment environment) {
        this.socket = socket;
        this.commands = commands;
        this.environment = environment;
    }

    public void start() throws IOException {
        Files.deleteIfExists(socket);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening = server;
        server.bind(UnixDomainSocketAddress.of(socket));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        environment.tasks().start("control", () -> accept(server));
    }

    private void accept(ServerSocketChannel server) {
        while (true) {
            try {
                SocketChannel caller = server.accept();
                environment.tasks().start("control command", () -> serve(caller));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void serve(SocketChannel caller) {
        try (caller;
                BufferedReader in = new BufferedReader(Channels.newReader(caller, StandardCharsets.UTF_8));
                OutputStream out = Channels.newOutputStream(caller)) {
            String line = in.readLine();
            if (line != null) {
                out.write((Json.string(answer(line)) + "\n").getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            System.getLogger("coracle.cluster").log(System.Logger.Level.DEBUG, "a control caller has gone", e);
        }
    }

    private Map<String, Object> answer(String line) {
        try {
            return Map.of("text", commands.apply(Unstructured.parse(line).stringList("words")));
        } catch (RuntimeException e) {
            return Map.of("error", String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() throws IOException {
        ServerSocketChannel server = listening;
        listening = null;
        if (server != null) {
            server.close();
            Files.deleteIfExists(socket);
        }
    }
}
