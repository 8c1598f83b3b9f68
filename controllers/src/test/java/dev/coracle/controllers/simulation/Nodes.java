package dev.coracle.controllers.simulation;

import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Informer;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler.Result;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/**
 * The scheduler and the nodes' agents: they make no mistakes, but take their time. A pod is placed, runs, is ready, ends if
 * it is of a Job, and goes some time after it is deleted.
 */
final class Nodes implements AutoCloseable {
    static final List<String> NAMES = List.of("n1", "n2", "n3");

    private final Client client;
    private final Environment environment;
    private final Random random;
    private final Runnable after;
    private final Informer pods;
    private final KeyedWorkQueue<ObjectKey> queue;
    /** When the next thing happens to a pod, by its uid. */
    private final Map<String, Instant> due = new HashMap<>();
    /** Jobs' pods that ended well, by their uid, with their index or "". */
    final Map<String, Unstructured> succeeded = new LinkedHashMap<>();

    private final Set<String> ends = new HashSet<>();

    /** @param after is run after each write */
    Nodes(Client client, ClientInformers informers, Environment environment, Random random, Runnable after) {
        this.client = client;
        this.environment = environment;
        this.random = random;
        this.after = after;
        NAMES.forEach(n -> client.create(
                Resources.NODES,
                "",
                Unstructured.of("v1", "Node", "", n).set(n, "metadata", "labels", "kubernetes.io/hostname"),
                WriteOptions.DEFAULT));
        this.pods = informers.of(Resources.PODS);
        this.queue = new KeyedWorkQueue<>(environment, "nodes", 1, this::reconcile);
        pods.handle((before, after1) -> queue.add((after1 != null ? after1 : Objects.requireNonNull(before)).key()));
    }

    private Result reconcile(ObjectKey key) {
        Unstructured pod = pods.get(key).map(Revision::object).orElse(null);
        if (pod == null) {
            return Result.DONE;
        }
        String step = pod.uid() + step(pod);
        if (step.equals(pod.uid())) {
            return Result.DONE;
        }
        Instant now = environment.clock().now();
        Instant at = due.computeIfAbsent(step, s -> now.plusMillis(random.nextInt(3_000)));
        if (at.isAfter(now)) {
            return Result.after(Duration.between(now, at));
        }
        try {
            act(pod, now);
            after.run();
        } catch (StatusException e) {
            if (!e.isNotFound() && !e.isConflict()) {
                throw e;
            }
        }
        return Result.DONE;
    }

    private static String step(Unstructured pod) {
        String phase = pod.string("status", "phase");
        boolean ended = phase.equals("Succeeded") || phase.equals("Failed");
        if (pod.isDeleting()) {
            return pod.finalizers().isEmpty() || !ended ? "ends" : "";
        }
        if (pod.string("spec", "nodeName").isEmpty()) {
            return "placed";
        }
        if (phase.equals("Pending")) {
            return "runs";
        }
        if (ended) {
            return "";
        }
        boolean job = pod.labels().containsKey("batch.kubernetes.io/job-name");
        boolean ready = pod.objects("status", "conditions").stream()
                .anyMatch(c -> c.string("type").equals("Ready"));
        return ready ? job ? "finishes" : "" : "ready";
    }

    private void act(Unstructured pod, Instant now) {
        switch (step(pod)) {
            case "ends" -> {
                if (!pod.finalizers().isEmpty()) {
                    status(pod, "'phase': 'Failed'");
                }
                client.delete(Resources.PODS, pod.namespace(), pod.name(), new DeleteOptions(0, "", pod.uid(), ""));
            }
            case "placed" ->
                client.post(
                        Resources.PODS,
                        pod.namespace(),
                        pod.name(),
                        "binding",
                        Unstructured.parse("{\"metadata\":{\"uid\":\"" + pod.uid()
                                + "\"},\"target\":{\"kind\":\"Node\",\"name\":\"" + node(pod) + "\"}}"));
            case "runs" -> status(pod, "'phase': 'Running'");
            case "ready" ->
                status(
                        pod,
                        "'conditions': [{'type': 'Ready', 'status': 'True', 'lastTransitionTime': '"
                                + Timestamps.format(now) + "'}]");
            case "finishes" -> {
                boolean well = random.nextInt(6) != 0;
                if (well) {
                    succeeded.put(pod.uid(), pod);
                }
                ends.add(pod.uid());
                status(
                        pod,
                        "'phase': '" + (well ? "Succeeded" : "Failed") + "', 'conditions': [{'type': 'Ready', 'status':"
                                + " 'False', 'lastTransitionTime': '" + Timestamps.format(now)
                                + "'}], 'containerStatuses': [{'name': 'c', 'image': 'i', 'imageID': '', 'ready': false,"
                                + " 'restartCount': 0, 'state': {'terminated': {'exitCode': " + (well ? 0 : 1)
                                + ", 'finishedAt': '" + Timestamps.format(now) + "'}}}]");
            }
            default -> {}
        }
    }

    /** A daemon says where it wants to be. */
    private String node(Unstructured pod) {
        for (Unstructured term : pod.objects(
                "spec",
                "affinity",
                "nodeAffinity",
                "requiredDuringSchedulingIgnoredDuringExecution",
                "nodeSelectorTerms")) {
            for (Unstructured field : term.objects("matchFields")) {
                return field.stringList("values").getFirst();
            }
        }
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    private void status(Unstructured pod, String fields) {
        client.patch(
                Resources.PODS,
                pod.namespace(),
                pod.name(),
                Patch.merge(Unstructured.parse(
                        ("{'metadata': {'uid': '" + pod.uid() + "'}, 'status': {" + fields + "}}").replace('\'', '"'))),
                WriteOptions.STATUS);
    }

    @Override
    public void close() {
        queue.close();
    }
}
