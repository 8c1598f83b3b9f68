package dev.coracle.runtime.oci;

import dev.coracle.machinery.os.Descriptor;
import dev.coracle.machinery.os.PieceStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Those who see one container's output and give it no input, over one connection that lasts as long as the container: if
 * its input ends with a client, conmon takes anybody's leaving for that, also theirs.
 */
final class Onlookers {
    /** conmon's packets begin with a byte that says which stream the rest is of. */
    private static final int STDERR = 3;

    /** What one of them is shown. */
    record Output(PieceStream stdout, PieceStream stderr) {
        Output() {
            this(new PieceStream(), new PieceStream());
        }

        void take(byte[] packet) throws IOException {
            (packet[0] == STDERR ? stderr : stdout).put(Arrays.copyOfRange(packet, 1, packet.length));
        }

        void end() {
            stdout.end();
            stderr.end();
        }

        /** Frees who is stuck in {@link #take}. */
        void close() {
            stdout.close();
            stderr.close();
        }
    }

    private final Set<Output> all = new HashSet<>();
    private boolean connected;
    private boolean ended;

    /** @param atEnd called when the container has ended */
    synchronized Output join(Path socket, Runnable atEnd) throws IOException {
        Output output = new Output();
        if (ended) {
            output.end();
            return output;
        }
        if (!connected) {
            Descriptor.connectPackets(socket).pump("attach", this::take, () -> {
                end();
                atEnd.run();
            });
            connected = true;
        }
        all.add(output);
        return output;
    }

    synchronized void leave(Output output) {
        all.remove(output);
    }

    private void take(byte[] packet) throws IOException {
        Set<Output> present;
        synchronized (this) {
            present = Set.copyOf(all);
        }
        // Not under the lock: one that reads no more holds this up until it leaves.
        for (Output output : present) {
            output.take(packet);
        }
    }

    private void end() {
        Set<Output> present;
        synchronized (this) {
            ended = true;
            present = Set.copyOf(all);
        }
        present.forEach(Output::end);
    }
}
