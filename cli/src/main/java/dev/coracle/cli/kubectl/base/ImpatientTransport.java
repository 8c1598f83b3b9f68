package dev.coracle.cli.kubectl.base;

import dev.coracle.client.https.Transport;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Tasks.Task;
import dev.coracle.machinery.env.Timers.Timer;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** {@code --request-timeout}: gives up a request, from its first byte to its answer's last, after a while. */
final class ImpatientTransport implements Transport {
    private static final String HEAD = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
    private static final String BODY =
            "context deadline exceeded (Client.Timeout or context cancellation while reading body)";

    private final Transport transport;
    private final Duration patience;
    private final Environment environment;

    ImpatientTransport(Transport transport, Duration patience, Environment environment) {
        this.transport = transport;
        this.patience = patience;
        this.environment = environment;
    }

    @Override
    public byte[] exchange(String method, String path, String accept, String type, byte[] body) {
        return within(() -> transport.exchange(method, path, accept, type, body));
    }

    @Override
    public InputStream stream(String path, String accept) {
        long began = environment.clock().nanos();
        InputStream in = within(() -> transport.stream(path, accept));
        return new Bounded(in, patience.minus(environment.clock().elapsed(began)));
    }

    private <T> T within(Supplier<T> request) {
        var answer = new CompletableFuture<T>();
        Task task = environment.tasks().start("kubectl request", () -> {
            try {
                answer.complete(request.get());
            } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
            }
        });
        try {
            return answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            task.interrupt();
            throw new UncheckedIOException(new SocketTimeoutException(HEAD));
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException r -> throw r;
                case Error r -> throw r;
                case null, default -> throw new IllegalStateException(e);
            }
        } catch (InterruptedException e) {
            task.interrupt();
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new InterruptedIOException("interrupted while waiting for the API server"));
        }
    }

    /** An answer that ends, and says why, when time is up. */
    private final class Bounded extends FilterInputStream {
        private final AtomicBoolean late = new AtomicBoolean();
        private final Timer timer;

        Bounded(InputStream in, Duration left) {
            super(in);
            this.timer = environment.timers().schedule(left.isNegative() ? Duration.ZERO : left, () -> {
                late.set(true);
                try {
                    in.close();
                } catch (IOException e) {
                    // It is given up in any case.
                }
            });
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            try {
                int n = super.read(bytes, from, length);
                if (n < 0 && late.get()) {
                    throw new SocketTimeoutException(BODY);
                }
                return n;
            } catch (IOException e) {
                throw late.get() ? new SocketTimeoutException(BODY) : e;
            }
        }

        @Override
        public void close() throws IOException {
            timer.cancel();
            super.close();
        }
    }
}
