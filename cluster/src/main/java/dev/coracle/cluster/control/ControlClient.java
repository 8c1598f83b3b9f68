package dev.coracle.cluster.control;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Asks the process of a running cluster to do something. */
public final class ControlClient {
    private final Path socket;

    public ControlClient(Path socket) {
        this.socket = socket;
    }

    /**
     * @return what the cluster says of it
     * @throws IllegalStateException with the cluster's words, when it could not do so
     * @throws IOException when it does not run
     */
    public String ask(List<String> words) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            ByteBuffer request =
                    ByteBuffer.wrap((Json.string(Map.of("words", words)) + "\n").getBytes(StandardCharsets.UTF_8));
            while (request.hasRemaining()) {
                channel.write(request);
            }
            String line = in.readLine();
            if (line == null) {
                throw new IOException("the cluster's process ended before it answered");
            }
            Unstructured answer = Unstructured.parse(line);
            if (answer.has("error")) {
                throw new IllegalStateException(answer.string("error"));
            }
            return answer.string("text");
        }
    }
}
