package dev.coracle.controllers.cronjob;

import dev.coracle.controllers.kit.Conditions;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a CronJob's {@code status} should say of its Jobs, and which of those that are finished are too old to be kept. */
final class Roster {
    private final Unstructured cron;
    private final Unstructured status;
    private final List<Note> notes = new ArrayList<>();

    Roster(Unstructured cron) {
        this.cron = cron;
        this.status = cron.object("status").copy();
    }

    /** {@code Complete} or {@code Failed}; null while it is neither. */
    static @Nullable String end(Unstructured job) {
        for (String type : List.of("Complete", "Failed")) {
            if (Conditions.isTrue(job, type)) {
                return type;
            }
        }
        return null;
    }

    /** Whether a Job is running of which the status does not know: then the status may be an old one. */
    static boolean forgets(Unstructured cron, List<Unstructured> jobs) {
        Set<String> known = active(cron.object("status"));
        return jobs.stream().anyMatch(j -> end(j) == null && !known.contains(j.uid()));
    }

    private static Set<String> active(Unstructured status) {
        return status.objects("active").stream().map(j -> j.string("uid")).collect(Collectors.toSet());
    }

    /** The oldest that are more than the limits allow. */
    List<Unstructured> outdated(List<Unstructured> jobs) {
        List<Unstructured> outdated = new ArrayList<>();
        outdated.addAll(outdated(jobs, "Complete", "successfulJobsHistoryLimit"));
        outdated.addAll(outdated(jobs, "Failed", "failedJobsHistoryLimit"));
        return outdated;
    }

    private List<Unstructured> outdated(List<Unstructured> jobs, String end, String limit) {
        if (!cron.has("spec", limit)) {
            return List.of();
        }
        List<Unstructured> ended = jobs.stream()
                .filter(j -> !j.isDeleting() && end.equals(end(j)))
                .sorted(Comparator.<Unstructured, Instant>comparing(
                                j -> j.time("status", "startTime").orElse(Instant.MAX))
                        .thenComparing(Unstructured::name))
                .toList();
        return ended.subList(0, (int) Math.max(0, ended.size() - cron.integer(0, "spec", limit)));
    }

    /** Looks at each of the Jobs there are. */
    void look(List<Unstructured> jobs) {
        Set<String> active = active(status);
        for (Unstructured job : jobs) {
            String end = end(job);
            boolean known = active.contains(job.uid());
            if (end == null && !known) {
                notes.add(Note.warning(
                        "UnexpectedJob", "Saw a job that the controller did not create or forgot: " + job.name()));
            } else if (end != null && known) {
                strike(job.uid());
                notes.add(Note.normal("SawCompletedJob", "Saw completed job: " + job.name() + ", condition: " + end));
            }
            Optional<Instant> success = job.time("status", "completionTime").filter(t -> "Complete".equals(end));
            Optional<Instant> last = status.time("lastSuccessfulTime");
            if (success.isPresent()
                    && last.filter(t -> !t.isBefore(success.get())).isEmpty()) {
                status.set(success.get(), "lastSuccessfulTime");
            }
        }
    }

    /** Those in the status that are none of these. */
    List<Unstructured> absent(List<Unstructured> jobs) {
        Set<String> there = jobs.stream().map(Unstructured::uid).collect(Collectors.toSet());
        return status.objects("active").stream()
                .filter(j -> !there.contains(j.string("uid")))
                .toList();
    }

    /** One of those is gone. */
    void missing(Unstructured reference) {
        strike(reference.string("uid"));
        notes.add(Note.normal("MissingJob", "Active job went missing: " + reference.string("name")));
    }

    /** It is not active any more. */
    void strike(String uid) {
        List<Unstructured> rest = status.objects("active");
        rest.removeIf(j -> j.string("uid").equals(uid));
        status.set(rest.isEmpty() ? null : rest, "active");
    }

    /** It was made for that time. */
    void enter(Unstructured job, Instant due) {
        if (!active(status).contains(job.uid())) {
            Unstructured reference = Unstructured.of("batch/v1", "Job", job.namespace(), job.name());
            status.add(
                    new Unstructured(reference.object("metadata").map())
                            .set("batch/v1", "apiVersion")
                            .set("Job", "kind")
                            .set(job.uid(), "uid")
                            .set(job.resourceVersion(), "resourceVersion"),
                    "active");
        }
        status.set(due, "lastScheduleTime");
    }

    List<Note> notes() {
        return notes;
    }

    Unstructured status() {
        return status;
    }
}
