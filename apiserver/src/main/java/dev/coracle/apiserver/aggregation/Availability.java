package dev.coracle.apiserver.aggregation;

import dev.coracle.apiserver.builtin.apiregistration.ApiServices;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.WriteContext;
import dev.coracle.client.Client;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler.Result;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * Looks whether the servers behind APIServices are there, on every change and twice a minute, and writes down what it
 * finds. Nobody is carried to one that is not.
 */
final class Availability implements AutoCloseable {
    private static final GroupVersionResource API_SERVICES = ApiServices.DEFINITION.resource();
    private static final Duration AGAIN = Duration.ofSeconds(30);
    /** One of many endpoints may be bad. */
    private static final int ATTEMPTS = 5;

    private record Finding(String status, String reason, String message) {
        static final Finding LOCAL = new Finding("True", "Local", "Local APIServices are always available");
        static final Finding PASSED = new Finding("True", "Passed", "all checks passed");

        static Finding bad(String reason, String message) {
            return new Finding("False", reason, message);
        }
    }

    private final Registry registry;
    private final Environment environment;
    private final Endpoints endpoints;
    private final Downloads downloads;
    private final Discoveries discoveries;
    private final KeyedWorkQueue<String> queue;
    private final List<Client.Watch> watches = new ArrayList<>();

    Availability(
            Registry registry,
            Environment environment,
            Endpoints endpoints,
            Downloads downloads,
            Discoveries discoveries) {
        this.registry = registry;
        this.environment = environment;
        this.endpoints = endpoints;
        this.downloads = downloads;
        this.discoveries = discoveries;
        this.queue = new KeyedWorkQueue<>(environment, "apiservice-available", 4, this::reconcile);
    }

    void start() {
        watches.add(follow(API_SERVICES, r -> queue.add(r.name())));
        watches.add(follow(Resources.SERVICES, r -> look(r.namespace(), r.name())));
        watches.add(follow(
                Resources.ENDPOINT_SLICES,
                r -> look(r.namespace(), r.labels().getOrDefault("kubernetes.io/service-name", ""))));
    }

    private Client.Watch follow(GroupVersionResource resource, Consumer<Revision> changed) {
        return registry.watch(resource, "", any -> true, -1, new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                if (event.type() != WatchEvent.Type.BOOKMARK) {
                    changed.accept(event.revision());
                }
            }

            @Override
            public void onClosed(StatusException cause) {
                throw new IllegalStateException("the registry ended a watch of its own", cause);
            }
        });
    }

    private void look(String namespace, String service) {
        for (Revision r : registry.list(API_SERVICES, "", any -> true, 0, "").items()) {
            Remote remote = new Remote(r.object());
            if (remote.target().equals(service) && remote.namespace().equals(namespace)) {
                queue.add(r.name());
            }
        }
    }

    private Result reconcile(String name) {
        Optional<Unstructured> found = registry.find(API_SERVICES, "", name).map(Revision::object);
        if (found.isEmpty()) {
            discoveries.forget(name);
            return Result.DONE;
        }
        if (!found.get().has("spec", "service")) {
            discoveries.forget(name);
            tell(found.get(), Finding.LOCAL);
            return Result.DONE;
        }
        Remote remote = new Remote(found.get());
        Finding finding = check(remote);
        if (finding.equals(Finding.PASSED)) {
            // Before anybody is told that it is there: then what it serves is known too.
            discoveries.refresh(remote);
        } else {
            discoveries.doubt(remote);
        }
        tell(found.get(), finding);
        return Result.after(AGAIN);
    }

    // ---- looking

    private Finding check(Remote remote) {
        String service = "service/" + remote.target() + " in \"" + remote.namespace() + "\"";
        Optional<Unstructured> found = endpoints.service(remote);
        if (found.isEmpty()) {
            return Finding.bad("ServiceNotFound", service + " is not present");
        }
        if (found.get().string("spec", "type").equals("ClusterIP")) {
            Optional<Unstructured> port = found.get().objects("spec", "ports").stream()
                    .filter(p -> p.integer(0, "port") == remote.port())
                    .findFirst();
            if (port.isEmpty()) {
                return Finding.bad("ServicePortError", service + " is not listening on port " + remote.port());
            }
            List<Unstructured> slices = endpoints.slices(remote);
            if (slices.isEmpty()) {
                return Finding.bad("EndpointsNotFound", "cannot find endpointslices for " + service);
            }
            String name = port.get().string("name");
            if (slices.stream().noneMatch(s -> has(s, name))) {
                return Finding.bad(
                        "MissingEndpoints",
                        "endpointslices for " + service + " have no addresses with port name \"" + name + "\"");
            }
        }
        return answers(remote)
                .map(why -> Finding.bad("FailedDiscoveryCheck", why))
                .orElse(Finding.PASSED);
    }

    private static boolean has(Unstructured slice, String port) {
        return slice.objects("endpoints").stream()
                        .anyMatch(e -> !e.has("conditions", "ready") || e.bool("conditions", "ready"))
                && slice.objects("ports").stream()
                        .anyMatch(p -> p.string("name").equals(port) && p.has("port"));
    }

    /** Why it does not; several are asked at once, and one that does is enough. */
    private Optional<String> answers(Remote remote) {
        BlockingQueue<Optional<String>> results = new LinkedBlockingQueue<>();
        for (int i = 0; i < ATTEMPTS; i++) {
            environment.tasks().start("apiservice-probe", () -> results.add(probe(remote)));
        }
        Optional<String> last = Optional.of("no answer");
        try {
            for (int i = 0; i < ATTEMPTS && last.isPresent(); i++) {
                last = results.take();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return last;
    }

    private Optional<String> probe(Remote remote) {
        try {
            InetSocketAddress at = endpoints.resolve(remote);
            String url = Downloads.url(at, remote.path());
            try {
                // Whose certificate it is does not matter: nothing is told, and nothing believed.
                var answer = downloads.get(remote, Trust.ANYONE, at, remote.path(), 1);
                return answer.good()
                        ? Optional.empty()
                        : Optional.of("failing or missing response from " + url + ": bad status from " + url + ": "
                                + answer.code());
            } catch (IOException e) {
                return Optional.of("failing or missing response from " + url + ": " + e.getMessage());
            }
        } catch (RuntimeException e) {
            // Whatever it is: somebody waits for the answer.
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    // ---- and telling

    private void tell(Unstructured service, Finding finding) {
        Unstructured next = told(service.copy(), finding);
        if (!next.equals(service)) {
            registry.update(API_SERVICES, "", service.name(), WriteContext.SERVER_STATUS, old -> told(old, finding));
        }
    }

    private Unstructured told(Unstructured service, Finding finding) {
        List<Unstructured> conditions = service.objects("status", "conditions");
        Optional<Unstructured> last = conditions.stream()
                .filter(c -> c.string("type").equals("Available"))
                .findFirst();
        Unstructured condition = last.orElseGet(() -> new Unstructured(new LinkedHashMap<>()).set("Available", "type"));
        if (!condition.string("status").equals(finding.status())) {
            condition
                    .set(finding.status(), "status")
                    .set(Timestamps.format(environment.clock().now()), "lastTransitionTime");
        }
        condition.set(finding.reason(), "reason").set(finding.message(), "message");
        if (last.isEmpty()) {
            service.add(condition, "status", "conditions");
        }
        return service;
    }

    @Override
    public void close() {
        watches.forEach(Client.Watch::close);
        queue.close();
    }
}
