package dev.coracle.apiserver.http;

import java.io.IOException;

/** Where an answer is written: whole, or as a stream. */
interface Answer {
    void send(int code, String contentType, byte[] body);

    /** Begins a stream of chunks. */
    Stream stream(int code, String contentType);

    /** Blocks while the client is slow; throws when it is gone. */
    interface Stream extends AutoCloseable {
        void write(byte[] chunk) throws IOException;

        /** Runs when the client goes away. */
        void onGone(Runnable action);

        @Override
        void close();
    }
}
