package dev.coracle.apiserver.http;

import dev.coracle.apiserver.proxy.Destination;
import java.io.IOException;
import java.util.Map;

/** Where an answer is written: whole, as a stream, or by another server. */
interface Answer {
    default void send(int code, String contentType, byte[] body) {
        send(code, contentType, body, Map.of());
    }

    /** @param headers others than the content's, names in lower case; they take the place of the usual ones */
    void send(int code, String contentType, byte[] body, Map<String, String> headers);

    /** Says of a stream that will last that its beginning is found, and that little remains to be done for it. */
    void begun();

    /** Begins a stream of chunks; of messages, where the client asks for a WebSocket. */
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
