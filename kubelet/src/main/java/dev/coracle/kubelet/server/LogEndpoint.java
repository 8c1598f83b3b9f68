package dev.coracle.kubelet.server;

import dev.coracle.kubelet.server.http.Exchange;
import dev.coracle.kubelet.server.http.Refusal;
import dev.coracle.kubelet.server.log.ContainerLog;
import dev.coracle.kubelet.server.log.FileChanges;
import dev.coracle.kubelet.server.log.LogOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** {@code /containerLogs/{namespace}/{pod}/{container}}. */
final class LogEndpoint {
    private static final String INVALID = "{\"message\": \"Invalid request.\"}";
    private static final String UNDECODABLE = "{\"message\": \"Unable to decode query.\"}";

    private final PodLookup pods;
    private final RuntimeService runtime;
    private final FileChanges changes;
    private final Environment environment;

    LogEndpoint(PodLookup pods, RuntimeService runtime, FileChanges changes, Environment environment) {
        this.pods = pods;
        this.runtime = runtime;
        this.changes = changes;
        this.environment = environment;
    }

    void serve(Exchange exchange, String namespace, String podName, String containerName)
            throws IOException, InterruptedException {
        LogOptions options = options(exchange);
        Unstructured pod = pods.pod(namespace, podName)
                .orElseThrow(() -> new Refusal(404, "pod \"" + podName + "\" does not exist"));
        if (PodContainers.spec(pod, containerName).isEmpty()) {
            throw new Refusal(404, "container \"" + containerName + "\" not found in pod \"" + podName + "\"");
        }
        ContainerStatus container = pods.container(pod.uid(), containerName, options.previous())
                .orElseThrow(() -> new Refusal(400, unavailable(pod, containerName, options.previous())));
        ContainerLog.Wake wake = new ContainerLog.Wake();
        exchange.onGone(wake::stop);
        ContainerLog log = new ContainerLog(runtime, changes, container.id(), Path.of(container.logPath()), options);
        try (OutputStream body = exchange.body()) {
            log.write(body, wake);
        }
    }

    /** Why there is no log, in upstream's words ({@code validateContainerLogStatus}). */
    private static String unavailable(Unstructured pod, String container, boolean previous) {
        String which = "container \"" + container + "\" in pod \"" + pod.name() + "\"";
        if (previous) {
            return "previous terminated " + which + " not found";
        }
        String reason = PodContainers.status(pod, container)
                .map(s -> s.string("state", "waiting", "reason"))
                .orElse("");
        return switch (reason) {
            case "ErrImagePull" -> which + " is waiting to start: image can't be pulled";
            case "ImagePullBackOff" -> which + " is waiting to start: trying and failing to pull image";
            case "" -> which + " is not available";
            default -> which + " is waiting to start: " + reason;
        };
    }

    private LogOptions options(Exchange exchange) {
        Long tail = number(exchange, "tailLines");
        Long limit = number(exchange, "limitBytes");
        Long seconds = number(exchange, "sinceSeconds");
        String sinceTime = exchange.firstQuery("sinceTime").orElse("");
        String stream = exchange.firstQuery("stream").orElse("All");
        Instant since = null;
        if (!sinceTime.isEmpty()) {
            since = Timestamps.parse(sinceTime).orElseThrow(() -> new Refusal(400, UNDECODABLE));
        }
        boolean known = stream.equals("All") || stream.equals("Stdout") || stream.equals("Stderr");
        if (tail != null && tail < 0
                || limit != null && limit < 1
                || seconds != null && (seconds < 1 || since != null)
                || !known
                // Which of the last lines are of one stream is not known before they are read.
                || tail != null && !stream.equals("All")) {
            throw new Refusal(422, INVALID);
        }
        if (seconds != null) {
            since = environment.clock().now().minusSeconds(seconds);
        }
        return new LogOptions(
                flag(exchange, "follow"),
                flag(exchange, "previous"),
                tail,
                since,
                flag(exchange, "timestamps"),
                limit,
                stream.equals("All") ? null : stream.toLowerCase(java.util.Locale.ROOT));
    }

    private static @Nullable Long number(Exchange exchange, String name) {
        String text = exchange.firstQuery(name).orElse("");
        try {
            return text.isEmpty() ? null : Long.valueOf(text);
        } catch (NumberFormatException e) {
            throw new Refusal(400, UNDECODABLE);
        }
    }

    /** As apimachinery converts: present and neither {@code 0} nor {@code false}. */
    private static boolean flag(Exchange exchange, String name) {
        return exchange.firstQuery(name)
                .map(v -> !v.equals("0") && !v.equalsIgnoreCase("false"))
                .orElse(false);
    }
}
