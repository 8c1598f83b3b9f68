package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Durations;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.RevisionList;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** {@code kubectl rollout status}: says how far it is until it is done. */
final class RolloutStatus {
    /** What to say, and whether that is all. */
    record State(String message, boolean done) {}

    /** A watch's end travels with its events. */
    private record News(WatchEvent.Type type, Unstructured object, boolean ended) {}

    private final Session session;
    private final boolean watch;
    private final long revision;
    private final Duration timeout;

    RolloutStatus(Session session, Flags.Line line) {
        this.session = session;
        this.watch = line.on("watch", true);
        this.revision = line.number("revision", 0);
        this.timeout = Durations.parse(line.get("timeout", "0s"));
    }

    int run(Selection.Item item) throws InterruptedException {
        var resource = item.resource().resource();
        ListOptions one = ListOptions.fields("metadata.name=" + item.name());
        long began = session.environment().clock().nanos();
        String said = "";
        while (true) {
            RevisionList list = session.client().list(resource, item.namespace(), one);
            if (list.items().isEmpty()) {
                throw StatusException.notFound(resource, item.name());
            }
            State state = of(list.items().getFirst().object(), revision);
            said = say(said, state);
            if (state.done() || !watch) {
                return 0;
            }
            BlockingQueue<News> news = new LinkedBlockingQueue<>();
            try (var w = session.client()
                    .watch(resource, item.namespace(), one.from(list.resourceVersion()), listener(news))) {
                while (true) {
                    News n = timeout.isZero()
                            ? news.take()
                            : news.poll(left(began).toMillis(), TimeUnit.MILLISECONDS);
                    if (n == null) {
                        throw new Failure("timed out waiting for the condition");
                    }
                    if (n.ended()) {
                        break;
                    }
                    if (n.type() == WatchEvent.Type.DELETED) {
                        throw new Failure("object has been deleted");
                    }
                    if (n.type() == WatchEvent.Type.BOOKMARK) {
                        continue;
                    }
                    state = of(n.object(), revision);
                    said = say(said, state);
                    if (state.done()) {
                        return 0;
                    }
                }
            }
        }
    }

    private Duration left(long began) {
        Duration left = timeout.minus(session.environment().clock().elapsed(began));
        return left.isNegative() ? Duration.ZERO : left;
    }

    private String say(String said, State state) {
        if (!state.message().equals(said)) {
            session.out().println(state.message());
            session.out().flush();
        }
        return state.message();
    }

    private static Client.WatchListener listener(BlockingQueue<News> news) {
        return new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                news.add(new News(event.type(), event.revision().object(), false));
            }

            @Override
            public void onClosed(StatusException cause) {
                news.add(new News(WatchEvent.Type.BOOKMARK, cause.status(), true));
            }
        };
    }

    /** As {@code k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go}. */
    static State of(Unstructured o, long revision) {
        return switch (o.kind()) {
            case "Deployment" -> deployment(o, revision);
            case "DaemonSet" -> daemonSet(o);
            default -> statefulSet(o);
        };
    }

    private static State deployment(Unstructured o, long revision) {
        String at = o.annotations().getOrDefault(RolloutHistory.REVISION, "0");
        if (revision > 0 && !at.equals("" + revision)) {
            throw new Failure(
                    "desired revision (" + revision + ") is different from the running revision (" + at + ")");
        }
        if (o.generation() > o.integer(0, "status", "observedGeneration")) {
            return new State("Waiting for deployment spec update to be observed...", false);
        }
        if (o.objects("status", "conditions").stream()
                .anyMatch(c -> c.string("type").equals("Progressing")
                        && c.string("reason").equals("ProgressDeadlineExceeded"))) {
            throw new Failure("deployment \"" + o.name() + "\" exceeded its progress deadline");
        }
        long wanted = o.integer(1, "spec", "replicas");
        long replicas = o.integer(0, "status", "replicas");
        long updated = o.integer(0, "status", "updatedReplicas");
        long available = o.integer(0, "status", "availableReplicas");
        String waiting = "Waiting for deployment \"" + o.name() + "\" rollout to finish: ";
        if (updated < wanted) {
            return new State(waiting + updated + " out of " + wanted + " new replicas have been updated...", false);
        }
        if (replicas > updated) {
            return new State(waiting + (replicas - updated) + " old replicas are pending termination...", false);
        }
        if (available < updated) {
            return new State(waiting + available + " of " + updated + " updated replicas are available...", false);
        }
        return new State("deployment \"" + o.name() + "\" successfully rolled out", true);
    }

    private static State daemonSet(Unstructured o) {
        if (!o.stringOr("RollingUpdate", "spec", "updateStrategy", "type").equals("RollingUpdate")) {
            throw new Failure("rollout status is only available for RollingUpdate strategy type");
        }
        if (o.generation() > o.integer(0, "status", "observedGeneration")) {
            return new State("Waiting for daemon set spec update to be observed...", false);
        }
        long wanted = o.integer(0, "status", "desiredNumberScheduled");
        long updated = o.integer(0, "status", "updatedNumberScheduled");
        long available = o.integer(0, "status", "numberAvailable");
        String waiting = "Waiting for daemon set \"" + o.name() + "\" rollout to finish: ";
        if (updated < wanted) {
            return new State(waiting + updated + " out of " + wanted + " new pods have been updated...", false);
        }
        if (available < wanted) {
            return new State(waiting + available + " of " + wanted + " updated pods are available...", false);
        }
        return new State("daemon set \"" + o.name() + "\" successfully rolled out", true);
    }

    private static State statefulSet(Unstructured o) {
        if (!o.stringOr("RollingUpdate", "spec", "updateStrategy", "type").equals("RollingUpdate")) {
            throw new Failure("rollout status is only available for RollingUpdate strategy type");
        }
        long observed = o.integer(0, "status", "observedGeneration");
        if (observed == 0 || o.generation() > observed) {
            return new State("Waiting for statefulset spec update to be observed...", false);
        }
        long wanted = o.integer(1, "spec", "replicas");
        long ready = o.integer(0, "status", "readyReplicas");
        long updated = o.integer(0, "status", "updatedReplicas");
        if (ready < wanted) {
            return new State("Waiting for " + (wanted - ready) + " pods to be ready...", false);
        }
        if (o.has("spec", "updateStrategy", "rollingUpdate", "partition")) {
            long partition = o.integer(0, "spec", "updateStrategy", "rollingUpdate", "partition");
            if (partition > 0) {
                return updated < wanted - partition
                        ? new State(
                                "Waiting for partitioned roll out to finish: " + updated + " out of "
                                        + (wanted - partition) + " new pods have been updated...",
                                false)
                        : new State(
                                "partitioned roll out complete: " + updated + " new pods have been updated...", true);
            }
        }
        String update = o.string("status", "updateRevision");
        if (!update.equals(o.string("status", "currentRevision"))) {
            return new State(
                    "waiting for statefulset rolling update to complete " + updated + " pods at revision " + update
                            + "...",
                    false);
        }
        return new State(
                "statefulset rolling update complete " + o.integer(0, "status", "currentReplicas")
                        + " pods at revision " + o.string("status", "currentRevision") + "...",
                true);
    }
}
