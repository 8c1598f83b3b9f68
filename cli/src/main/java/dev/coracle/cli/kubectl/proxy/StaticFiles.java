package dev.coracle.cli.kubectl.proxy;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** {@code --www}: files of a directory; of a directory in it its {@code index.html}, or what it holds. */
final class StaticFiles {
    private static final long MOST = 64 << 20;

    private final Path root;

    StaticFiles(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** @param path below the prefix, without escapes */
    FullHttpResponse answer(String path) {
        try {
            Path file = root.resolve(path.replaceFirst("^/+", "")).normalize();
            if (!file.startsWith(root) || !Files.exists(file)) {
                return Answers.notFound();
            }
            boolean directory = Files.isDirectory(file);
            if (directory && !path.isEmpty() && !path.endsWith("/")) {
                return Answers.moved(file.getFileName() + "/");
            }
            if (!directory && path.endsWith("/")) {
                return Answers.moved("../" + file.getFileName());
            }
            Path index = file.resolve("index.html");
            if (directory && !Files.exists(index)) {
                return listing(file);
            }
            return content(directory ? index : file);
        } catch (InvalidPathException e) {
            return Answers.notFound();
        } catch (IOException e) {
            return Answers.error(HttpResponseStatus.INTERNAL_SERVER_ERROR, "500 Internal Server Error");
        }
    }

    private static FullHttpResponse content(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            return Answers.error(HttpResponseStatus.FORBIDDEN, "403 Forbidden");
        }
        if (Files.size(file) > MOST) {
            return Answers.error(HttpResponseStatus.INSUFFICIENT_STORAGE, "the file is larger than " + MOST + " bytes");
        }
        String name = file.getFileName().toString();
        String type = name.endsWith(".js")
                ? "text/javascript"
                : name.endsWith(".css")
                        ? "text/css"
                        : Objects.requireNonNullElse(
                                URLConnection.guessContentTypeFromName(name), "application/octet-stream");
        String charset = type.startsWith("text/") ? "; charset=utf-8" : "";
        return Answers.of(HttpResponseStatus.OK, type + charset, Files.readAllBytes(file));
    }

    private static FullHttpResponse listing(Path directory) throws IOException {
        StringBuilder page =
                new StringBuilder("<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n");
        List<String> names;
        try (Stream<Path> files = Files.list(directory)) {
            names = files.map(f -> f.getFileName() + (Files.isDirectory(f) ? "/" : ""))
                    .sorted()
                    .toList();
        }
        for (String name : names) {
            page.append("<a href=\"%s\">%s</a>%n".formatted(Answers.html(escaped(name)), Answers.html(name)));
        }
        return Answers.of(
                HttpResponseStatus.OK,
                "text/html; charset=utf-8",
                page.append("</pre>\n").toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String escaped(String name) {
        try {
            // With a colon in its first part it would be taken for a scheme.
            String raw = new URI(null, null, "/" + name, null).getRawPath().substring(1);
            return name.indexOf(':') >= 0 ? "./" + raw : raw;
        } catch (URISyntaxException e) {
            return name;
        }
    }
}
