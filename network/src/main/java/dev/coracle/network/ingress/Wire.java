package dev.coracle.network.ingress;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/** A socket with its buffers. */
record Wire(Socket socket, InputStream in, OutputStream out) implements AutoCloseable {
    Wire(Socket socket) throws IOException {
        this(
                socket,
                new BufferedInputStream(socket.getInputStream(), 16 << 10),
                new BufferedOutputStream(socket.getOutputStream(), 16 << 10));
    }

    /** A client's, for whom our patience ends. */
    Wire(Socket socket, Patience patience) throws IOException {
        this(
                socket,
                new BufferedInputStream(socket.getInputStream(), 16 << 10),
                new BufferedOutputStream(patience.watching(socket.getOutputStream()), 16 << 10));
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}
