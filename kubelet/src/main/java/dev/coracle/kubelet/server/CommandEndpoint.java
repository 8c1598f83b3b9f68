package dev.coracle.kubelet.server;

import dev.coracle.kubelet.server.http.Exchange;
import dev.coracle.kubelet.server.http.Refusal;
import dev.coracle.kubelet.server.stream.CommandStreams;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ExecSession;
import java.io.IOException;

/** {@code /exec/{namespace}/{pod}/{container}} and {@code /attach/…}. */
final class CommandEndpoint {
    private final PodLookup pods;
    private final RuntimeService runtime;
    private final Environment environment;

    CommandEndpoint(PodLookup pods, RuntimeService runtime, Environment environment) {
        this.pods = pods;
        this.runtime = runtime;
        this.environment = environment;
    }

    void exec(Exchange exchange, Unstructured pod, String container) throws IOException, InterruptedException {
        CommandOptions options = CommandOptions.of(exchange);
        if (options.command().isEmpty()) {
            throw new Refusal(400, "you must specify a command");
        }
        String id = running(pod, container, "container not found (\"" + container + "\")");
        CommandStreams client = Upgrades.command(exchange, options.wanted(), environment.timers());
        try (ExecSession session = runtime.exec(
                id, options.command(), options.wanted().tty(), options.wanted().stdin())) {
            new CommandSession(environment.tasks(), client, session).run();
            client.finish(CommandStatus.exited(session.waitFor()));
        } catch (CriException e) {
            client.finish(CommandStatus.failed("executing command in", e));
        }
    }

    void attach(Exchange exchange, Unstructured pod, String container) throws IOException, InterruptedException {
        CommandOptions options = CommandOptions.of(exchange);
        String id = running(
                pod, container, "container " + container + " not found in pod " + pod.name() + "_" + pod.namespace());
        CommandStreams client = Upgrades.command(exchange, options.wanted(), environment.timers());
        try (ExecSession session = runtime.attach(id, options.wanted().stdin())) {
            new CommandSession(environment.tasks(), client, session).run();
            client.finish(CommandStatus.exited(0));
        } catch (CriException e) {
            client.finish(CommandStatus.failed("attaching to", e));
        }
    }

    /** Upstream answers 500 here, since it asks the runtime only after it has found the pod. */
    private String running(Unstructured pod, String container, String otherwise) {
        String id = pods.container(pod.uid(), container, false)
                .filter(c -> c.state() == ContainerState.RUNNING)
                .orElseThrow(() -> new Refusal(500, otherwise))
                .id();
        if (id.startsWith(PodLookup.IN_PROCESS)) {
            // No colon: kubectl takes such a text for YAML, and shows nothing.
            throw new Refusal(
                    400, "container " + container + " is a part of Coracle's own process, which has only a log");
        }
        return id;
    }
}
