package dev.coracle.flowforge.api;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.List;

/** The web page, as files of the class path. It holds nothing secret: what it shows it asks the API for, with a key. */
final class Page {
    /** Nothing from elsewhere, nothing inline, no frame around it: what a task's text holds cannot become part of it. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private Page() {}

    static List<Route> routes() {
        return List.of(
                file("/", "index.html", "text/html; charset=utf-8", "The page that shows the queue"),
                file("/page/app.js", "app.js", "text/javascript; charset=utf-8", ""),
                file("/page/style.css", "style.css", "text/css; charset=utf-8", ""),
                file("/page/icon.svg", "icon.svg", "image/svg+xml", ""));
    }

    private static Route file(String path, String name, String type, String purpose) {
        byte[] bytes = ClassPath.read("page/" + name);
        return Route.open(HandlerType.GET, path, purpose, ctx -> answer(ctx, type, bytes));
    }

    private static void answer(Context ctx, String type, byte[] bytes) {
        ctx.header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                // While versions are exchanged, a page must not run with the script of another.
                .header("Cache-Control", "no-cache")
                .contentType(type)
                .result(bytes);
    }
}
