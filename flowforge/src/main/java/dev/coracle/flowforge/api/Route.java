package dev.coracle.flowforge.api;

import io.javalin.http.Handler;
import io.javalin.http.HandlerType;

/**
 * One path of the api-service.
 *
 * @param open whether it is answered without the API key
 * @param purpose for people, who read it at {@code /api}; empty for what belongs to the page
 */
record Route(HandlerType method, String path, boolean open, String purpose, Handler handler) {
    static Route open(HandlerType method, String path, String purpose, Handler handler) {
        return new Route(method, path, true, purpose, handler);
    }

    static Route keyed(HandlerType method, String path, String purpose, Handler handler) {
        return new Route(method, path, false, purpose, handler);
    }
}
