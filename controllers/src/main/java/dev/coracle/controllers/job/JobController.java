package dev.coracle.controllers.job;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Claims;
import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Expectations;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.PodControl;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.controllers.kit.SlowStart;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Jobs: pods until enough of them succeeded, or too many failed. */
public final class JobController implements Controller, Reconciler {
    /** Whose Jobs these are, unless {@code spec.managedBy} names another. */
    private static final String NAME = "kubernetes.io/job-controller";

    private final Client client;
    private final Clock clock;
    private final Tasks tasks;
    private final EventRecorder events;
    private final Informer jobs;
    private final Claims claims;
    private final PodControl control;
    private final Loop loop;
    private final Map<ObjectKey, Memory> memories = new ConcurrentHashMap<>();

    /** What was done of a plan. */
    private record Done(
            Ledger.Counts counts,
            boolean complete,
            @Nullable StatusException failure) {}

    public JobController(ControllerContext world, EventRecorder events) {
        this.client = world.client();
        this.clock = world.environment().clock();
        this.tasks = world.environment().tasks();
        this.events = events;
        this.loop = new Loop(world, "job", 5);
        this.jobs = loop.reconciles(Resources.JOBS);
        Informer pods = loop.owns(Resources.PODS, "Job", JobController::counted);
        this.claims = new Claims(client, Resources.JOBS, pods, Claims::labelSelector, JobController::track);
        this.control = new PodControl(world, events, pods);
        control.forgets(jobs);
        loop.adopts(claims);
        loop.start(this);
    }

    /** What of a pod may change how its Job does. */
    static List<Object> counted(Unstructured pod) {
        return List.of(
                pod.labels(),
                pod.ownerReferences(),
                pod.finalizers(),
                pod.isDeleting(),
                pod.string("status", "phase"),
                Pods.isReady(pod),
                JobPods.restarts(pod));
    }

    private static void track(Unstructured pod) {
        if (!JobPods.isTracked(pod)) {
            pod.add(JobPods.FINALIZER, "metadata", "finalizers");
        }
    }

    static boolean isFinished(Unstructured job) {
        return Conditions.isTrue(job, "Complete") || Conditions.isTrue(job, "Failed");
    }

    static boolean isManaged(Unstructured job) {
        return job.stringOr(NAME, "spec", "managedBy").equals(NAME);
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision revision = jobs.get(key).orElse(null);
        if (revision == null || !isManaged(revision.object()) || isFinished(revision.object())) {
            memories.remove(key);
            return Result.DONE;
        }
        Unstructured job = revision.object();
        Memory memory = memories.compute(key, (k, m) -> m != null && m.isOf(job) ? m : new Memory(job.uid()));
        if (memory.isAhead(revision)) {
            // The copy will come, and wake this.
            return Result.DONE;
        }
        boolean settled = control.isSettled(key);
        List<Unstructured> pods = claims.of(job);
        Instant now = clock.now();
        Tally tally = Tally.of(job, pods, memory.released(pods), memory.backoff(), now);
        PodPlan plan = settled && !job.isDeleting() && tally.verdict() == null ? PodPlan.of(tally, now) : null;
        Done done = tally.verdict() != null ? finish(tally) : apply(tally, plan);
        Verdict verdict = verdict(tally, done, settled);
        keep(revision, memory, tally, new Ledger(tally, done.counts(), verdict, plan != null, now), verdict);
        if (done.failure() != null) {
            throw done.failure();
        }
        return Stream.of(
                        Optional.ofNullable(settled ? null : Expectations.LONG),
                        Optional.ofNullable(plan).map(PodPlan::pause),
                        Optional.ofNullable(tally.verdict() == null ? tally.left(now) : null))
                .flatMap(Optional::stream)
                .min(Duration::compareTo)
                .map(Result::after)
                .orElse(Result.DONE);
    }

    /** While a pod may be there that was not seen, or was not deleted, nothing is decided. */
    private static @Nullable Verdict verdict(Tally tally, Done done, boolean settled) {
        if (!settled || !done.complete()) {
            return null;
        }
        if (tally.verdict() != null) {
            return tally.verdict();
        }
        return tally.isComplete(done.counts().active())
                ? new Verdict(true, "CompletionsReached", "Reached expected number of succeeded pods")
                : null;
    }

    /** Deletes what is still active of a Job that is decided; the finalizers stay until the pods are counted. */
    private Done finish(Tally tally) {
        return delete(tally, tally.active(), pod -> {});
    }

    private Done apply(Tally tally, @Nullable PodPlan plan) {
        if (plan == null || plan.create().isEmpty()) {
            // These are nobody's failure, and so not counted.
            return delete(tally, plan == null ? List.of() : plan.delete(), this::release);
        }
        SlowStart.Outcome made = SlowStart.run(
                tasks,
                plan.create().size(),
                i -> control.create(
                        tally.job(), Templates.pod(tally, plan.create().get(i))));
        StatusException e = made.failure();
        return new Done(
                new Ledger.Counts(
                        tally.active().size() + made.succeeded(),
                        tally.ready().size(),
                        tally.terminating().size()),
                true,
                e != null && Live.isTerminating(e) ? null : e);
    }

    private Done delete(Tally tally, List<Unstructured> victims, Consumer<Unstructured> first) {
        Set<String> deleted = new HashSet<>();
        StatusException failure = null;
        for (Unstructured pod : victims) {
            try {
                first.accept(pod);
                control.delete(tally.job(), pod);
                deleted.add(pod.uid());
            } catch (StatusException e) {
                failure = failure == null ? e : failure;
            }
        }
        return new Done(
                new Ledger.Counts(
                        tally.active().size() - deleted.size(),
                        tally.ready().stream()
                                .filter(p -> !deleted.contains(p.uid()))
                                .count(),
                        tally.terminating().size() + deleted.size()),
                deleted.size() == victims.size(),
                failure);
    }

    /** Writes what is counted in the order that makes it safe: see the package's description. */
    private void keep(Revision read, Memory memory, Tally tally, Ledger ledger, @Nullable Verdict verdict) {
        Revision job = write(read, memory, ledger.open());
        memory.backoff(tally.backoff());
        if (ledger.event() != null) {
            events.normal(job.object(), ledger.event(), "Job " + ledger.event().toLowerCase(Locale.ROOT));
        }
        Set<String> gone = new HashSet<>();
        StatusException failure = null;
        for (Unstructured pod : ledger.toRelease()) {
            try {
                Revision released = release(client, pod);
                if (released != null) {
                    memory.released(released);
                }
                gone.add(pod.uid());
            } catch (StatusException e) {
                failure = failure == null ? e : failure;
            }
        }
        job = write(job, memory, ledger.close(gone));
        if (ledger.isFinished() && verdict != null) {
            tell(job.object(), verdict);
        }
        if (failure != null) {
            throw failure;
        }
    }

    private Revision write(Revision job, Memory memory, Unstructured status) {
        if (status.equals(job.object().object("status"))) {
            return job;
        }
        Revision written =
                client.update(Resources.JOBS, job.object().copy().set(status, "status"), WriteOptions.STATUS);
        memory.wrote(written);
        return written;
    }

    private void release(Unstructured pod) {
        if (JobPods.isTracked(pod)) {
            release(client, pod);
        }
    }

    /** Removes the finalizer from this very pod; null when it is gone. */
    static @Nullable Revision release(Client client, Unstructured pod) {
        Unstructured patch = Unstructured.parse("{}")
                .set(pod.uid(), "metadata", "uid")
                .set(List.of(JobPods.FINALIZER), "metadata", "$deleteFromPrimitiveList/finalizers");
        try {
            return client.patch(
                    Resources.PODS, pod.namespace(), pod.name(), Patch.strategic(patch), WriteOptions.DEFAULT);
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return null;
            }
            throw e;
        }
    }

    private void tell(Unstructured job, Verdict verdict) {
        if (!verdict.success()) {
            events.warning(job, verdict.reason(), verdict.message());
            return;
        }
        if (job.integer(0, "status", "succeeded") > job.integer(Long.MAX_VALUE, "spec", "completions")) {
            events.warning(
                    job, "TooManySucceededPods", "Too many succeeded pods running after completion count reached");
        }
        events.normal(job, "Completed", "Job completed");
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
