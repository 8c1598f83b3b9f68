package dev.coracle.cli.why;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** What keeps pods running: why it has not those that it wants. */
final class Workloads {
    /** How soon a controller has seen a change. */
    private static final Duration SEEN = Duration.ofSeconds(30);

    private Workloads() {}

    static Optional<Finding> deployment(View view, Unstructured deployment) {
        long wanted = deployment.integer(1, "spec", "replicas");
        Unstructured status = deployment.object("status");
        boolean works = status.integer(0, "availableReplicas") >= wanted
                && status.integer(0, "updatedReplicas") >= wanted
                && status.integer(0, "replicas") <= Math.max(wanted, status.integer(0, "updatedReplicas"));
        if (works && status.integer(0, "observedGeneration") >= deployment.generation()) {
            return Optional.empty();
        }
        List<Unstructured> sets = owned(view, Resources.REPLICA_SETS, deployment);
        sets.sort(Comparator.comparing((Unstructured s) -> revision(s)).reversed());
        for (Unstructured set : sets) {
            if (set.integer(0, "spec", "replicas") == 0) {
                continue;
            }
            Optional<Finding> found =
                    replicas(view, set).map(f -> f.from(Subject.of(set))).map(f -> f.from(Subject.of(deployment)));
            if (found.isPresent()) {
                return found;
            }
        }
        if (deployment.bool("spec", "paused")) {
            return Optional.of(new Finding(
                    Subject.of(deployment),
                    "Paused",
                    "It is paused: what was changed since is not rolled out.",
                    List.of("spec.paused: true"),
                    "kubectl " + Subject.of(deployment).flag() + "rollout resume deployment " + deployment.name()));
        }
        return refused(view, deployment).or(() -> unseen(view, deployment));
    }

    private static long revision(Unstructured set) {
        String text = set.annotations().getOrDefault("deployment.kubernetes.io/revision", "0");
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
    }

    /** A ReplicaSet or ReplicationController. */
    static Optional<Finding> replicas(View view, Unstructured set) {
        long wanted = set.integer(1, "spec", "replicas");
        if (set.object("status").integer(0, "readyReplicas") >= wanted) {
            return Optional.empty();
        }
        Optional<Finding> refused = refused(view, set);
        // What exists and fails came before what may not be made any more.
        return pods(view, set).or(() -> refused).or(() -> unseen(view, set));
    }

    static Optional<Finding> statefulSet(View view, Unstructured set) {
        long wanted = set.integer(1, "spec", "replicas");
        Unstructured status = set.object("status");
        boolean rolled = status.string("updateRevision").equals(status.string("currentRevision"))
                || set.string("spec", "updateStrategy", "type").equals("OnDelete");
        if (status.integer(0, "readyReplicas") >= wanted
                && rolled
                && status.integer(0, "observedGeneration") >= set.generation()) {
            return Optional.empty();
        }
        return pods(view, set).or(() -> refused(view, set)).or(() -> unseen(view, set));
    }

    static Optional<Finding> daemonSet(View view, Unstructured set) {
        Unstructured status = set.object("status");
        long wanted = status.integer(0, "desiredNumberScheduled");
        boolean seen = status.integer(0, "observedGeneration") >= set.generation() && status.has("observedGeneration");
        if (seen && wanted == 0 && !view.none(Resources.NODES, "")) {
            Unstructured template = set.object("spec", "template", "spec");
            return Optional.of(new Finding(
                    Subject.of(set),
                    "NoNodeSelected",
                    "No node is one of those that it is for"
                            + (template.has("nodeSelector")
                                    ? ": none has the labels of its nodeSelector " + template.strings("nodeSelector")
                                            + "."
                                    : "."),
                    List.of("status.desiredNumberScheduled: 0"),
                    "kubectl get nodes --show-labels"));
        }
        boolean works = seen
                && status.integer(0, "numberReady") >= wanted
                && status.integer(0, "updatedNumberScheduled") >= wanted;
        return works
                ? Optional.empty()
                : pods(view, set).or(() -> refused(view, set)).or(() -> unseen(view, set));
    }

    static Optional<Finding> job(View view, Unstructured job) {
        if (View.condition(job, "Complete").string("status").equals("True")) {
            return Optional.empty();
        }
        Subject subject = Subject.of(job);
        Unstructured failed = View.condition(job, "Failed");
        boolean over = failed.string("status").equals("True");
        if (over && failed.string("reason").equals("DeadlineExceeded")) {
            return Optional.of(new Finding(
                    subject,
                    "DeadlineExceeded",
                    "It was not done in its activeDeadlineSeconds of " + job.integer(0, "spec", "activeDeadlineSeconds")
                            + " s, and was ended.",
                    List.of("Failed is True, DeadlineExceeded: " + failed.string("message")),
                    "kubectl " + subject.flag() + "describe job " + job.name()));
        }
        Optional<Finding> pods = pods(view, job);
        if (pods.isPresent()) {
            return pods;
        }
        if (over) {
            return Optional.of(new Finding(
                    subject,
                    failed.stringOr("JobFailed", "reason"),
                    "It has failed for good: " + failed.string("message"),
                    List.of("Failed is True, " + failed.string("reason") + ": " + failed.string("message")),
                    "kubectl " + subject.flag() + "describe job " + job.name()));
        }
        if (job.bool("spec", "suspend")) {
            return Optional.of(new Finding(
                    subject,
                    "Suspended",
                    "It is suspended: none of its pods is made.",
                    List.of("spec.suspend: true"),
                    "kubectl " + subject.flag() + "patch job " + job.name() + " -p '{\"spec\":{\"suspend\":false}}'"));
        }
        return refused(view, job);
    }

    static Optional<Finding> cronJob(View view, Unstructured cron) {
        Subject subject = Subject.of(cron);
        if (cron.bool("spec", "suspend")) {
            return Optional.of(new Finding(
                    subject,
                    "Suspended",
                    "It is suspended: no Job of it is begun.",
                    List.of("spec.suspend: true"),
                    "kubectl " + subject.flag() + "patch cronjob " + cron.name()
                            + " -p '{\"spec\":{\"suspend\":false}}'"));
        }
        Optional<Unstructured> bad =
                view.warning(cron, "UnparseableSchedule", "UnknownTimeZone", "InvalidSchedule", "FailedCreate");
        List<Unstructured> jobs = owned(view, Resources.JOBS, cron);
        jobs.sort(Comparator.comparing((Unstructured j) -> j.string("metadata", "creationTimestamp"))
                .reversed());
        if (!jobs.isEmpty()) {
            Unstructured newest = jobs.getFirst();
            return job(view, newest).map(f -> f.from(Subject.of(newest))).map(f -> f.from(subject));
        }
        return bad.map(e -> new Finding(
                subject,
                e.string("reason"),
                "It begins no Job: " + e.string("message"),
                List.of("event " + e.string("reason") + ": " + e.string("message")),
                "kubectl " + subject.flag() + "edit cronjob " + cron.name()));
    }

    /** What keeps one of its pods from working, the oldest trouble first. */
    static Optional<Finding> pods(View view, Unstructured owner) {
        List<Unstructured> pods = owned(view, Resources.PODS, owner);
        pods.sort(Comparator.comparing((Unstructured p) -> p.string("metadata", "creationTimestamp"))
                .thenComparing(Unstructured::name));
        for (Unstructured pod : pods) {
            Optional<Finding> found =
                    new Pods().look(view, pod).map(f -> f.from(Subject.of(pod))).map(f -> f.from(Subject.of(owner)));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    static List<Unstructured> owned(View view, GroupVersionResource resource, Unstructured owner) {
        Predicate<Unstructured> mine = o -> o.controllerOf()
                .filter(c -> c.uid().equals(owner.uid())
                        && c.kind().equals(owner.kind())
                        && c.name().equals(owner.name()))
                .isPresent();
        return new ArrayList<>(
                view.list(resource, owner.namespace()).stream().filter(mine).toList());
    }

    /** Why its pods may not be made: quota, admission, an account that is missing. */
    private static Optional<Finding> refused(View view, Unstructured owner) {
        Unstructured failure = View.condition(owner, "ReplicaFailure");
        String message = failure.string("status").equals("True")
                ? failure.string("message")
                : view.warning(owner, "FailedCreate")
                        .map(e -> e.string("message"))
                        .orElse("");
        return message.isEmpty() ? Optional.empty() : Optional.of(Refusals.of(owner, message));
    }

    /** Nobody acts on it. */
    private static Optional<Finding> unseen(View view, Unstructured owner) {
        boolean old = view.since(owner.time("metadata", "creationTimestamp")).compareTo(SEEN) > 0;
        if (!old || owner.object("status").integer(0, "observedGeneration") >= owner.generation()) {
            return Optional.empty();
        }
        return Optional.of(new Finding(
                Subject.of(owner),
                "ControllerSilent",
                "No controller has seen what it says now: the " + owner.kind() + " controller does not run.",
                List.of(
                        "metadata.generation: " + owner.generation(),
                        "status.observedGeneration: " + owner.object("status").integer(0, "observedGeneration")),
                "coracle status"));
    }
}
