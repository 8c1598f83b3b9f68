package dev.coracle.controllers.ttlafterfinished;

import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code spec.ttlSecondsAfterFinished}: the Job goes, and its pods before it. */
public final class TtlAfterFinishedController implements Controller, Reconciler {
    private final Client client;
    private final Clock clock;
    private final Informer jobs;
    private final Loop loop;

    public TtlAfterFinishedController(ControllerContext world) {
        this.client = world.client();
        this.clock = world.environment().clock();
        this.loop = new Loop(world, "ttl_jobs_to_delete", 5);
        this.jobs = loop.reconciles(Resources.JOBS);
        loop.start(this);
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Instant now = clock.now();
        Optional<Duration> left = jobs.get(key).flatMap(j -> left(j.object(), now));
        if (left.filter(d -> !d.isPositive()).isPresent()) {
            // It may have been given more time since.
            Revision fresh = Live.find(client, Resources.JOBS, key.namespace(), key.name())
                    .orElse(null);
            left = Optional.ofNullable(fresh).flatMap(j -> left(j.object(), now));
            if (fresh != null && left.filter(d -> !d.isPositive()).isPresent()) {
                Live.delete(
                        client,
                        Resources.JOBS,
                        fresh.object(),
                        new DeleteOptions(
                                -1, "Foreground", fresh.uid(), fresh.object().resourceVersion()));
                return Result.DONE;
            }
        }
        return left.map(Result::after).orElse(Result.DONE);
    }

    /** How long a Job may still stay; empty while it is not finished, or for ever. */
    static Optional<Duration> left(Unstructured job, Instant now) {
        if (job.isDeleting() || !job.has("spec", "ttlSecondsAfterFinished")) {
            return Optional.empty();
        }
        long ttl = job.integer(0, "spec", "ttlSecondsAfterFinished");
        return Stream.of("Complete", "Failed")
                .filter(type -> Conditions.isTrue(job, type))
                .flatMap(type -> Conditions.find(job, type).stream())
                .flatMap(c -> c.time("lastTransitionTime").stream())
                .map(end -> Duration.between(now, end.plusSeconds(ttl)))
                .findFirst();
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
