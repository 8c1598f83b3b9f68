package dev.coracle.cli.kubectl.resource;

import dev.coracle.cli.kubectl.base.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A manifest from the web, whose server nobody vouches for: so it is bounded in size, and in time from the first byte
 * asked for to the last.
 */
final class Download {
    static final int MOST = 16 * 1024 * 1024;
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration WHOLE = Duration.ofSeconds(60);

    private Download() {}

    static String of(String url) {
        URI uri;
        try {
            uri = URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new Failure("the URL passed to filename \"" + url + "\" is not valid: " + e.getMessage());
        }
        if (uri.getHost() == null) {
            throw new Failure("the URL passed to filename \"" + url + "\" is not valid: it has no host");
        }
        try (HttpClient client = HttpClient.newBuilder()
                .connectTimeout(CONNECT)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build()) {
            CompletableFuture<String> text = client.sendAsync(
                            HttpRequest.newBuilder(uri).timeout(WHOLE).build(),
                            HttpResponse.BodyHandlers.ofInputStream())
                    .thenApplyAsync(r -> read(url, r));
            try {
                return text.get(WHOLE.toSeconds(), TimeUnit.SECONDS);
            } finally {
                // What trickles in for ever ends here.
                client.shutdownNow();
            }
        } catch (ExecutionException e) {
            throw failed(url, Objects.requireNonNullElse(e.getCause(), e));
        } catch (TimeoutException e) {
            throw new Failure("unable to read URL \"" + url + "\", it took longer than " + WHOLE.toSeconds() + "s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted while reading URL \"" + url + "\"");
        }
    }

    private static String read(String url, HttpResponse<InputStream> response) {
        try (InputStream in = response.body()) {
            if (response.statusCode() != 200) {
                throw new Failure("unable to read URL \"" + url + "\", server reported " + status(response.statusCode())
                        + ", status code=" + response.statusCode());
            }
            byte[] bytes = in.readNBytes(MOST + 1);
            if (bytes.length > MOST) {
                throw new Failure("unable to read URL \"" + url + "\", it holds more than " + MOST + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RuntimeException failed(String url, Throwable cause) {
        Throwable inner = cause instanceof UncheckedIOException u && u.getCause() != null ? u.getCause() : cause;
        return switch (inner) {
            case Failure f -> f;
            case HttpTimeoutException e -> new Failure("unable to read URL \"" + url + "\", it did not answer in time");
            case ConnectException e ->
                Failure.plain(
                        "The connection to the server " + URI.create(url).getAuthority()
                                + " was refused - did you specify the right host or port?",
                        1);
            case IOException e -> {
                String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
                yield new Failure("unable to read URL \"" + url + "\": " + why);
            }
            default -> new Failure("unable to read URL \"" + url + "\": " + inner);
        };
    }

    /** As Go's status line of the codes that one meets. */
    private static String status(int code) {
        return switch (code) {
            case 401 -> "401 Unauthorized";
            case 403 -> "403 Forbidden";
            case 404 -> "404 Not Found";
            case 429 -> "429 Too Many Requests";
            case 500 -> "500 Internal Server Error";
            case 502 -> "502 Bad Gateway";
            case 503 -> "503 Service Unavailable";
            default -> "" + code;
        };
    }
}
