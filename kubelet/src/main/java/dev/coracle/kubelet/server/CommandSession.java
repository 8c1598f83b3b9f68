package dev.coracle.kubelet.server;

import dev.coracle.kubelet.server.stream.CommandStreams;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService.ExecSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;

/**
 * Joins a running command with its client. It ends with the command's output, or with the client, and then the
 * command is ended.
 */
final class CommandSession {
    private static final System.Logger LOG = System.getLogger("coracle.kubelet");

    private final Tasks tasks;
    private final CommandStreams client;
    private final ExecSession command;

    CommandSession(Tasks tasks, CommandStreams client, ExecSession command) {
        this.tasks = tasks;
        this.client = client;
        this.command = command;
    }

    /** Returns when both outputs have ended and are delivered. The caller closes the command. */
    void run() throws IOException, InterruptedException {
        // Its standard input is not closed here: a write that is stuck there would keep even its end waiting.
        client.onGone(() -> tasks.start("command-end", command::close));
        tasks.start("command-stdin", this::feed);
        tasks.start("command-resize", this::resize);
        CountDownLatch stderrEnded = new CountDownLatch(1);
        tasks.start("command-stderr", () -> {
            try {
                copy(command.stderr(), client.stderr());
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "stderr", e);
                command.close();
            } finally {
                stderrEnded.countDown();
            }
        });
        copy(command.stdout(), client.stdout());
        stderrEnded.await();
    }

    private void feed() {
        try (InputStream from = client.stdin();
                OutputStream to = command.stdin()) {
            copy(from, to);
        } catch (IOException e) {
            // The command does not read any more, or the client is gone, which is noticed elsewhere.
            LOG.log(System.Logger.Level.DEBUG, "stdin", e);
        }
    }

    /** Each piece is handed on as it comes: somebody may be waiting for the answer to it. */
    static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[32 << 10];
        for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
            to.write(buffer, 0, n);
            to.flush();
        }
    }

    /** The sizes are flat objects: each ends with its first brace. */
    private void resize() {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (InputStream in = client.resizes()) {
            for (int b = in.read(); b >= 0; b = in.read()) {
                text.write(b);
                if (b == '}') {
                    Unstructured size = new Unstructured(Json.parseObject(text.toByteArray()));
                    text.reset();
                    command.resize((int) size.integer(0, "Width"), (int) size.integer(0, "Height"));
                } else if (text.size() > 1024) {
                    return;
                }
            }
        } catch (IOException | MalformedJsonException e) {
            LOG.log(System.Logger.Level.DEBUG, "terminal sizes", e);
        }
    }
}
