package dev.coracle.controllers.cronjob;

import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.Owned;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** CronJobs: a Job whenever one is due. */
public final class CronJobController implements Controller, Reconciler {
    private static final String SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp";
    private static final DateTimeFormatter RFC_3339 = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssXXX");

    private final Client client;
    private final Clock clock;
    private final EventRecorder events;
    private final Informer crons;
    private final Informer jobs;
    private final Loop loop;

    public CronJobController(ControllerContext world, EventRecorder events) {
        this.client = world.client();
        this.clock = world.environment().clock();
        this.events = events;
        this.loop = new Loop(world, "cronjob", 5);
        this.crons = loop.watches(Resources.CRON_JOBS, this::changed);
        this.jobs = loop.owns(Resources.JOBS, "CronJob", Unstructured::resourceVersion);
        loop.start(this);
    }

    /** A new schedule is for times to come: none is made up for that it would have had before. */
    private List<ObjectKey> changed(@Nullable Revision before, @Nullable Revision after) {
        ObjectKey key = (after != null ? after : Objects.requireNonNull(before)).key();
        if (before == null || after == null || isSameSchedule(before.object(), after.object())) {
            return List.of(key);
        }
        Optional<Duration> next = untilNext(after.object());
        next.ifPresent(d -> loop.addAfter(key, d));
        return next.isPresent() ? List.of() : List.of(key);
    }

    private static boolean isSameSchedule(Unstructured a, Unstructured b) {
        return a.string("spec", "schedule").equals(b.string("spec", "schedule"))
                && a.string("spec", "timeZone").equals(b.string("spec", "timeZone"));
    }

    private Optional<Duration> untilNext(Unstructured cron) {
        try {
            return Timetable.zone(cron).flatMap(zone -> Timetable.of(cron, zone).untilNext(clock.now()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured cron = crons.get(key).map(Revision::object).orElse(null);
        if (cron == null) {
            return Result.DONE;
        }
        String uid = cron.uid();
        List<Unstructured> owned =
                Owned.of(jobs, uid).stream().map(Revision::object).toList();
        if (Roster.forgets(cron, owned)) {
            // Perhaps it was written and the copy does not show it.
            cron = Live.find(client, Resources.CRON_JOBS, key.namespace(), key.name())
                    .map(Revision::object)
                    .filter(c -> c.uid().equals(uid))
                    .orElse(null);
            if (cron == null) {
                return Result.DONE;
            }
        }
        Unstructured before = cron;
        Roster roster = look(cron, owned);
        cron = cron.copy().set(roster.status(), "status");
        Turn turn = Turn.of(cron, clock.now());
        StatusException failure = null;
        if (turn.due() != null) {
            try {
                run(cron, roster, turn.due());
            } catch (StatusException e) {
                failure = e;
            }
        }
        write(before, roster);
        // Not before: what could not be written is looked at again.
        tell(before, roster.notes());
        tell(before, turn.notes());
        if (failure != null && !Live.isTerminating(failure)) {
            throw failure;
        }
        return turn.again().map(Result::after).orElse(Result.DONE);
    }

    private Roster look(Unstructured cron, List<Unstructured> owned) {
        Roster roster = new Roster(cron);
        for (Unstructured job : roster.outdated(owned)) {
            delete(cron, roster, job);
        }
        roster.look(owned);
        for (Unstructured reference : roster.absent(owned)) {
            if (find(cron, reference).isEmpty()) {
                roster.missing(reference);
            }
        }
        return roster;
    }

    /** Asks the server, for the copy may not have it yet. */
    private Optional<Revision> find(Unstructured cron, Unstructured reference) {
        return Live.find(client, Resources.JOBS, cron.namespace(), reference.string("name"))
                .filter(j -> j.uid().equals(reference.string("uid")));
    }

    private void tell(Unstructured cron, List<Note> notes) {
        notes.forEach(n -> events.event(cron, n.type(), n.reason(), n.message()));
    }

    private void run(Unstructured cron, Roster roster, Instant due) {
        if (cron.string("spec", "concurrencyPolicy").equals("Replace")) {
            for (Unstructured reference : roster.status().objects("active")) {
                find(cron, reference)
                        .ifPresentOrElse(
                                job -> replace(cron, roster, job.object()),
                                () -> roster.strike(reference.string("uid")));
            }
        }
        Unstructured job = job(cron, due);
        try {
            Revision made = client.create(Resources.JOBS, cron.namespace(), job, WriteOptions.DEFAULT);
            events.normal(cron, "SuccessfulCreate", "Created job " + made.name());
            roster.enter(made.object(), due);
        } catch (StatusException e) {
            if (e.isAlreadyExists()) {
                adopt(cron, roster, job.name(), due);
                return;
            }
            if (!Live.isTerminating(e)) {
                events.warning(cron, "FailedCreate", "Error creating job: " + e.getMessage());
            }
            throw e;
        }
    }

    /** It may have been made when its status could not be written; another's of that name is left alone. */
    private void adopt(Unstructured cron, Roster roster, String name, Instant due) {
        Unstructured there = client.get(Resources.JOBS, cron.namespace(), name).object();
        boolean ours =
                there.controllerOf().filter(o -> o.uid().equals(cron.uid())).isPresent();
        if (ours && Roster.end(there) == null) {
            roster.enter(there, due);
        }
    }

    private void replace(Unstructured cron, Roster roster, Unstructured job) {
        StatusException failure = delete(cron, roster, job);
        if (failure != null) {
            throw failure;
        }
    }

    private @Nullable StatusException delete(Unstructured cron, Roster roster, Unstructured job) {
        try {
            Live.delete(client, Resources.JOBS, job, DeleteOptions.of(job.uid()).propagation("Background"));
        } catch (StatusException e) {
            events.warning(cron, "FailedDelete", "Deleted job: " + e.getMessage());
            return e;
        }
        roster.strike(job.uid());
        events.normal(cron, "SuccessfulDelete", "Deleted job " + job.name());
        return null;
    }

    private static Unstructured job(Unstructured cron, Instant due) {
        Unstructured template = cron.object("spec", "jobTemplate");
        Unstructured job = Unstructured.of("batch/v1", "Job", cron.namespace(), Turn.jobName(cron, due));
        for (String field : List.of("labels", "annotations")) {
            job.set(Json.copyOrNull(template.get("metadata", field)), "metadata", field);
        }
        ZoneId zone = Timetable.zone(cron).orElse(ZoneOffset.UTC);
        job.set(RFC_3339.format(due.atZone(zone)), "metadata", "annotations", SCHEDULED);
        job.set(Json.copy(template.object("spec").map()), "spec");
        return job.addOwner(Owned.reference(cron));
    }

    /** With the version that was decided upon: another may have written meanwhile. */
    private void write(Unstructured cron, Roster roster) {
        if (!roster.status().equals(cron.object("status"))) {
            client.update(Resources.CRON_JOBS, cron.copy().set(roster.status(), "status"), WriteOptions.STATUS);
        }
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
