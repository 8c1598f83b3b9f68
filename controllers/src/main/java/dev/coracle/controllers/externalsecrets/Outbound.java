package dev.coracle.controllers.externalsecrets;

import java.net.URI;
import java.util.Map;

/** The way to the stores, which lie outside the cluster. */
@FunctionalInterface
interface Outbound {
    /** @param authorities PEM of those that may vouch for the server; empty for those that the machine trusts */
    record Request(String method, URI uri, Map<String, String> headers, byte[] body, String authorities) {
        /** Without headers and body, where credentials are. */
        @Override
        public String toString() {
            return method + " " + uri;
        }
    }

    record Answer(int code, byte[] body) {
        @Override
        public String toString() {
            return code + ", " + body.length + " bytes";
        }
    }

    /** @throws ProviderException when there was no answer */
    Answer send(Request request) throws ProviderException;
}
