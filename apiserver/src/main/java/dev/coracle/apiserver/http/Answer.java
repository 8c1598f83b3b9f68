package dev.coracle.apiserver.http;

import dev.coracle.apiserver.proxy.Destination;
import java.io.IOException;

/** Where an answer is written: whole, as a stream, or by another server. */
interface Answer {
    void send(int code, String contentType, byte[] body);

    /** Begins a stream of chunks. */
    Stream stream(int code, String contentType);

    /** Has {@code to} answer the request. */
    void relay(Destination to);

    /** Blocks while the client is slow; throws when it is gone. */
    interface Stream extends AutoCloseable {
        void write(byte[] chunk) throws IOException;

        /** Runs when the client goes away. */
        void onGone(Runnable action);

        @Override
        void close();
    }
}
