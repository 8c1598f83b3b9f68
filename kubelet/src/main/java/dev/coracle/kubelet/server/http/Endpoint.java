package dev.coracle.kubelet.server.http;

import java.io.IOException;

/** Serves a request, on a task of its own; it may block, and is interrupted when the server closes. */
@FunctionalInterface
public interface Endpoint {
    /**
     * @throws Refusal to answer with its code and text
     * @throws IOException when the client is gone
     */
    void serve(Exchange exchange) throws IOException, InterruptedException;
}
