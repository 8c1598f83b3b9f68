package dev.coracle.apiserver.proxy;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The query of a request for a connection, as the object by which admission judges it. */
public final class ConnectOptions {
    private ConnectOptions() {}

    /** Of {@code pods/NAME/exec}, {@code attach} and {@code portforward}. */
    public static Unstructured stream(String subresource, Map<String, List<String>> parameters) {
        Query q = new Query(parameters);
        return switch (subresource) {
            case "exec" -> {
                Unstructured exec = streams(q, "PodExecOptions");
                yield q.has("command") ? exec.set(q.all("command"), "command") : exec;
            }
            case "attach" -> streams(q, "PodAttachOptions");
            default -> {
                List<Object> ports = new ArrayList<>();
                for (String list : q.all("ports")) {
                    for (String port : list.split(",")) {
                        ports.add(port.matches("[0-9]{1,9}") ? Long.valueOf(port) : port);
                    }
                }
                Unstructured forward = Unstructured.of("v1", "PodPortForwardOptions");
                yield ports.isEmpty() ? forward : forward.set(ports, "ports");
            }
        };
    }

    private static Unstructured streams(Query q, String kind) {
        Unstructured options = Unstructured.of("v1", kind);
        for (String stream : List.of("stdin", "stdout", "stderr", "tty")) {
            if (q.flag(stream)) {
                options.set(true, stream);
            }
        }
        return q.text("container").isEmpty() ? options : options.set(q.text("container"), "container");
    }

    /**
     * Of {@code proxy}.
     *
     * @param resource {@code pods}, {@code services} or {@code nodes}
     */
    public static Unstructured proxy(String resource, String path) {
        String kind = switch (resource) {
            case "pods" -> "PodProxyOptions";
            case "services" -> "ServiceProxyOptions";
            default -> "NodeProxyOptions";
        };
        return Unstructured.of("v1", kind).set(path, "path");
    }
}
