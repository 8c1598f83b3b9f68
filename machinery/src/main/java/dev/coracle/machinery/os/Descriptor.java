package dev.coracle.machinery.os;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * An open file of the kernel that the JDK has no class for. {@link #read} blocks the kernel thread under it: call it
 * on a platform thread ({@link #pump}).
 */
public final class Descriptor implements AutoCloseable {
    private final int number;
    /** Held for reading while the number is in use, so that a closed number is never used for another's file. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    private boolean closed;

    Descriptor(int number) {
        this.number = number;
    }

    /**
     * Connects to a {@code SOCK_SEQPACKET} Unix socket, which keeps the bounds of messages and which the JDK's channels
     * lack.
     */
    public static Descriptor connectPackets(Path socket) throws IOException {
        int directory = Kernel.open(String.valueOf(socket.getParent()), Kernel.O_PATH);
        try {
            int number = (int) Kernel.call("socket", Call.SOCKET, 1, 5 | Kernel.O_CLOEXEC, 0);
            try (Arena arena = Arena.ofConfined()) {
                // A socket's address holds 107 bytes; through the open directory any depth of path fits.
                byte[] name =
                        ("/proc/self/fd/" + directory + "/" + socket.getFileName()).getBytes(StandardCharsets.UTF_8);
                MemorySegment address = arena.allocate(110);
                address.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
                MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, 2, name.length);
                Kernel.call("connect " + socket, Call.CONNECT, number, address.address(), name.length + 3);
                return new Descriptor(number);
            } catch (IOException e) {
                Kernel.close(number);
                throw e;
            }
        } finally {
            Kernel.close(directory);
        }
    }

    int number() {
        return number;
    }

    /** Reads some bytes, at least one. @return -1 at the end */
    public int read(byte[] into) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(into.length);
            while (true) {
                try {
                    int n = (int) Kernel.call("read", Call.READ, number, buffer.address(), into.length);
                    MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, into, 0, n);
                    return n == 0 ? -1 : n;
                } catch (ErrnoException e) {
                    if (e.errno() == ErrnoException.EIO) {
                        return -1;
                    }
                    if (e.errno() != ErrnoException.EINTR) {
                        throw e;
                    }
                }
            }
        }
    }

    public void write(byte[] from, int offset, int length) throws IOException {
        use.readLock().lock();
        try (Arena arena = Arena.ofConfined()) {
            if (closed) {
                throw new IOException("closed");
            }
            MemorySegment buffer = arena.allocate(Math.max(1, length));
            MemorySegment.copy(from, offset, buffer, ValueLayout.JAVA_BYTE, 0, length);
            int done = 0;
            while (done < length) {
                try {
                    done += (int) Kernel.call("write", Call.WRITE, number, buffer.address() + done, length - done);
                } catch (ErrnoException e) {
                    if (e.errno() != ErrnoException.EINTR) {
                        throw e;
                    }
                }
            }
        } finally {
            use.readLock().unlock();
        }
    }

    /** Tells the peer of a socket that nothing more will be written ({@code true}), or ends both directions. */
    public void shutdown(boolean writesOnly) {
        use.readLock().lock();
        try {
            if (!closed) {
                Kernel.call("shutdown", Call.SHUTDOWN, number, writesOnly ? 1 : 2, 0);
            }
        } catch (ErrnoException e) {
            // Not connected any more: it is ended already.
        } finally {
            use.readLock().unlock();
        }
    }

    /** Writes go to the descriptor; closing it runs {@code onClose} and leaves the descriptor open. */
    public OutputStream output(Runnable onClose) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] b, int offset, int length) throws IOException {
                Descriptor.this.write(b, offset, length);
            }

            @Override
            public void close() {
                onClose.run();
            }
        };
    }

    /** Takes each piece that was read; the array is the taker's. */
    @FunctionalInterface
    public interface Taker {
        void take(byte[] piece) throws IOException;
    }

    /**
     * Reads on a thread of its own until the end, then closes the descriptor and runs {@code atEnd}. Whoever wants to
     * end it early makes the read end: {@link #shutdown} a socket, or end what is on the terminal's other side.
     */
    public void pump(String name, Taker taker, Runnable atEnd) {
        Thread.ofPlatform().name(name).daemon().start(() -> {
            try {
                byte[] buffer = new byte[32 * 1024 + 1];
                for (int n = read(buffer); n >= 0; n = read(buffer)) {
                    taker.take(java.util.Arrays.copyOf(buffer, n));
                }
            } catch (IOException e) {
                System.getLogger("coracle.os").log(System.Logger.Level.DEBUG, name + " ended", e);
            } finally {
                close();
                atEnd.run();
            }
        });
    }

    /** A stream that gives the same bytes as {@link #pump}. */
    public InputStream input(String name) {
        PieceStream stream = new PieceStream();
        pump(name, stream::put, stream::end);
        return stream;
    }

    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                Kernel.close(number);
            }
        } finally {
            use.writeLock().unlock();
        }
    }
}
