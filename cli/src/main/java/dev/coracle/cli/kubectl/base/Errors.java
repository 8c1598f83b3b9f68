package dev.coracle.cli.kubectl.base;

import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.util.List;

/** Words failures as {@code k8s.io/kubectl/pkg/cmd/util} does. */
public final class Errors {
    private Errors() {}

    /** Prints what happened. @return the exit code */
    public static int show(PrintStream err, Throwable failure, URI server) {
        String line = switch (failure) {
            case Failure f -> f.line();
            case StatusException s -> refusal(s, "");
            case UncheckedIOException e -> unreachable(e, server);
            case MalformedJsonException e -> "error: " + e.getMessage();
            default -> "error: " + (failure.getMessage() == null ? failure : failure.getMessage());
        };
        if (!line.isEmpty()) {
            err.println(line);
        }
        return failure instanceof Failure f ? f.code() : 1;
    }

    /** @param during {@code error when creating "web.yaml"}, or {@code ""} */
    public static String refusal(StatusException e, String during) {
        Unstructured details = e.details();
        String message = (during.isEmpty() ? "" : during + ": ") + e.getMessage();
        if (e.reason().equals("Invalid") && during.isEmpty()) {
            boolean named = !details.kind().isEmpty() || !details.string("name").isEmpty();
            String what = named
                    ? "The " + details.string("kind") + " \"" + details.string("name") + "\" is invalid"
                    : "The request is invalid";
            List<String> causes = details.objects("causes").stream()
                    .map(c -> c.string("field") + ": " + c.string("message"))
                    .toList();
            return causes.isEmpty()
                    ? named ? what : what + ": " + message
                    : causes.size() == 1
                            ? what + ": " + causes.getFirst()
                            : what + ": \n* " + String.join("\n* ", causes);
        }
        if (e.reason().equals("Unauthorized")) {
            return "error: You must be logged in to the server (" + message + ")";
        }
        return e.reason().isEmpty()
                ? "Error from server: " + message
                : "Error from server (" + e.reason() + "): " + message;
    }

    private static String unreachable(UncheckedIOException e, URI server) {
        IOException cause = java.util.Objects.requireNonNull(e.getCause());
        if (cause instanceof ConnectException) {
            return "The connection to the server " + server.getAuthority()
                    + " was refused - did you specify the right host or port?";
        }
        return "Unable to connect to the server: " + (cause.getMessage() == null ? cause : cause.getMessage());
    }
}
