package dev.coracle.cli.demo;

import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.Informer;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Watches Deployments, as {@code kubectl rollout status} does. */
final class Rollouts implements AutoCloseable {
    private final Client client;
    private final ClientInformers informers;
    private final Informer deployments;

    Rollouts(Client client, Environment environment) {
        this.client = client;
        this.informers = new ClientInformers(client, environment);
        this.deployments = informers.of(Resources.DEPLOYMENTS);
        informers.start();
    }

    /** Returns when all replicas are of the newest template and available. @throws IllegalStateException tells why not */
    void await(String namespace, String name, Duration patience) throws InterruptedException {
        var complete = new CountDownLatch(1);
        deployments.handle((before, after) -> {
            if (after != null
                    && after.object().name().equals(name)
                    && after.object().namespace().equals(namespace)
                    && complete(after.object())) {
                complete.countDown();
            }
        });
        if (!complete.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException(name + " is not available after " + patience.toSeconds() + " s"
                    + String.join("", troubles(namespace, name)));
        }
    }

    static boolean complete(Unstructured deployment) {
        long wanted = deployment.integer(1, "spec", "replicas");
        Unstructured status = deployment.object("status");
        return status.integer(0, "observedGeneration") >= deployment.generation()
                && status.integer(0, "updatedReplicas") == wanted
                && status.integer(0, "replicas") == wanted
                && status.integer(0, "availableReplicas") == wanted;
    }

    /** What keeps its pods from being ready, in the words of their statuses. */
    private List<String> troubles(String namespace, String name) {
        List<String> troubles = new ArrayList<>();
        for (Revision r :
                client.list(Resources.PODS, namespace, ListOptions.ALL).items()) {
            Unstructured pod = r.object();
            if (!pod.name().startsWith(name + "-")) {
                continue;
            }
            List<Unstructured> containers = new ArrayList<>(pod.objects("status", "initContainerStatuses"));
            containers.addAll(pod.objects("status", "containerStatuses"));
            String reason = "";
            for (Unstructured c : containers) {
                Unstructured waiting = c.object("state", "waiting");
                if (!waiting.string("reason").isEmpty()) {
                    reason +=
                            " " + c.string("name") + ": " + waiting.string("reason") + " " + waiting.string("message");
                }
            }
            for (Unstructured condition : pod.objects("status", "conditions")) {
                if (condition.string("status").equals("False") && reason.isEmpty()) {
                    reason = " " + condition.string("reason") + " " + condition.string("message");
                }
            }
            troubles.add("; pod " + pod.name() + " is " + pod.string("status", "phase") + reason.stripTrailing());
        }
        return troubles;
    }

    @Override
    public void close() {
        informers.close();
    }
}
