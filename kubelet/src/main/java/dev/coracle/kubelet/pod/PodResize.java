package dev.coracle.kubelet.pod;

import dev.coracle.kubelet.admission.Refusal;
import dev.coracle.kubelet.container.ContainerConfigs;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a pod comes to have other amounts than it was made with: its spec asks, the node promises or refuses
 * ({@link #decide}), and each running container is given what was promised ({@link #fit}), by a change of its cgroup or,
 * where its policy says so, by a restart.
 */
final class PodResize {
    static final String PENDING = "PodResizePending";
    static final String IN_PROGRESS = "PodResizeInProgress";

    /** Others tell when they go; that the node itself has grown nobody tells. */
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(3);

    private static final Duration RETRY = Duration.ofSeconds(10);

    private final PodContext context;
    private final Runnable changed;
    private final Allocation allocation;
    /** Runs that were ended to begin anew, which they do however they ended. */
    private final Set<String> ended = new HashSet<>();

    private boolean remembered;
    private @Nullable Unstructured pending;
    private @Nullable Unstructured progress;

    PodResize(PodContext context, String uid, Runnable changed) {
        this.context = context;
        this.changed = changed;
        this.allocation = new Allocation(context.node().pods().resolve(uid));
    }

    /** The pod is let in with what it asks for, unless it was before. */
    void admitted(Unstructured pod) {
        if (!allocation.isMade()) {
            allocation.make(pod);
        }
    }

    /** The pod with what it was promised in place of what it asks for. */
    Unstructured promised(Unstructured pod) {
        return allocation.of(pod);
    }

    /** A run of a container is about to begin with what was promised. */
    void starts(Unstructured promised) {
        allocation.give(promised);
    }

    boolean hasEnded(String run) {
        return ended.contains(run);
    }

    /** Promises the pod what it asks for, if that is something else and there is room. @return whether it did just now */
    boolean decide(Unstructured pod, Soonest again) {
        remember(pod);
        if (asked(pod).equals(asked(promised(pod)))) {
            if (pending != null) {
                pending = null;
                context.admission().withdraw(pod.uid());
            }
            return false;
        }
        Optional<Refusal> refusal = context.admission().resize(pod, changed);
        if (refusal.isEmpty()) {
            allocation.make(pod);
            pending = null;
            progress = condition(IN_PROGRESS, "", "", pod.generation());
            context.events().normal(pod, "ResizeStarted", told("Pod resize started", pod, pod.generation(), ""));
            return true;
        }
        String reason = refusal.get().reason();
        String message = refusal.get().message();
        Unstructured now = condition(PENDING, reason, message, pod.generation());
        if (!now.equals(pending)) {
            pending = now;
            String event = reason.equals(Refusal.INFEASIBLE) ? "ResizeInfeasible" : "ResizeDeferred";
            context.events().warning(pod, event, told("Pod resize " + reason, pod, pod.generation(), message));
        }
        if (reason.equals(Refusal.DEFERRED)) {
            again.after(LOOK_AGAIN);
        }
        return false;
    }

    /** What the API was told by an earlier life of the kubelet. */
    private void remember(Unstructured pod) {
        if (remembered) {
            return;
        }
        remembered = true;
        for (Unstructured c : pod.objects("status", "conditions")) {
            Unstructured known = condition(
                    c.string("type"), c.string("reason"), c.string("message"), c.integer(0, "observedGeneration"));
            switch (c.string("type")) {
                case PENDING -> pending = known;
                case IN_PROGRESS -> progress = known;
                default -> {
                    // Not of a resize.
                }
            }
        }
    }

    private static List<Object> asked(Unstructured pod) {
        List<Object> all = new ArrayList<>();
        all.add(pod.object("spec", "resources").map());
        Specs.all(pod).forEach(c -> all.add(c.object("resources").map()));
        return all;
    }

    /** Ends a run that has to begin anew with its new amounts. */
    interface Restart {
        void restart(Unstructured container, ContainerStatus run, String message);
    }

    /** Gives running containers what was promised them, and tells when all have it. */
    void fit(Unstructured promised, PodView view, Restart restart, Soonest again) {
        boolean under = false;
        List<String> failures = new ArrayList<>();
        for (Unstructured c : Specs.all(promised)) {
            Optional<ContainerStatus> run =
                    view.latest(c.string("name")).filter(r -> r.state() == ContainerState.RUNNING);
            if (run.isPresent() && !has(c)) {
                under |= !fit(c, run.get(), restart, failures);
            }
        }
        if (!failures.isEmpty()) {
            failed(promised, String.join(", ", failures));
            again.after(RETRY);
        } else if (!under && progress != null) {
            long generation = progress.integer(0, "observedGeneration");
            progress = null;
            context.events()
                    .normal(promised, "ResizeCompleted", told("Pod resize completed", promised, generation, ""));
        } else if (under && progress == null) {
            progress = condition(IN_PROGRESS, "", "", promised.generation());
        }
    }

    private void failed(Unstructured promised, String why) {
        long generation = progress == null ? promised.generation() : progress.integer(0, "observedGeneration");
        Unstructured now = condition(IN_PROGRESS, "Error", why, generation);
        if (!now.equals(progress)) {
            progress = now;
            context.events().warning(promised, "ResizeError", told("Pod resize error", promised, generation, why));
        }
    }

    private boolean has(Unstructured promised) {
        return !differs(promised, "cpu") && !differs(promised, "memory");
    }

    private boolean differs(Unstructured promised, String resource) {
        Unstructured actual = allocation.actual(promised);
        return List.of("limits", "requests").stream()
                .anyMatch(side -> !Objects.equals(
                        promised.get("resources", side, resource), actual.get("resources", side, resource)));
    }

    /** @return whether it has it now */
    private boolean fit(Unstructured c, ContainerStatus run, Restart restart, List<String> failures) {
        String name = c.string("name");
        boolean anew = c.objects("resizePolicy").stream()
                .anyMatch(p ->
                        p.string("restartPolicy").equals("RestartContainer") && differs(c, p.string("resourceName")));
        if (anew) {
            ended.add(run.id());
            restart.restart(c, run, "Container " + name + " resize requires restart");
            return false;
        }
        try {
            long before = ContainerConfigs.resources(allocation.actual(c)).memoryLimit();
            long limit = ContainerConfigs.resources(c).memoryLimit();
            if (limit > 0 && (before == 0 || limit < before)) {
                long usage = context.runtime().containerStats(run.id()).memoryUsageBytes();
                if (usage >= limit) {
                    failures.add("cannot decrease memory limits: attempting to set container \"" + name
                            + "\" memory limit (" + limit + ") below current usage (" + usage + ")");
                    return false;
                }
            }
            context.runtime().updateContainerResources(run.id(), ContainerConfigs.resources(c));
            allocation.give(c);
            return true;
        } catch (CriException e) {
            failures.add(String.valueOf(e.getMessage()));
            return false;
        }
    }

    /** Adds to a pod's status what it was promised, what it has, and how far a resize is. */
    void report(Unstructured pod, Unstructured status) {
        List<Unstructured> conditions = new ArrayList<>();
        for (Unstructured c : new Unstructured[] {pending, progress}) {
            if (c != null) {
                conditions.add(c.copy());
            }
        }
        status.set(conditions.isEmpty() ? null : conditions, "conditions");
        if (!allocation.isMade()) {
            return;
        }
        Unstructured promised = promised(pod);
        for (String list : List.of("containerStatuses", "initContainerStatuses")) {
            for (Unstructured s : status.objects(list)) {
                Specs.all(promised).stream()
                        .filter(c -> c.string("name").equals(s.string("name")))
                        .findFirst()
                        .ifPresent(c -> amounts(c, s));
            }
        }
    }

    private void amounts(Unstructured promised, Unstructured status) {
        Unstructured shown = status.has("state", "running") ? allocation.actual(promised) : promised;
        Map<String, Object> requests = promised.object("resources", "requests").map();
        status.set(requests.isEmpty() ? null : Json.copy(requests), "allocatedResources");
        status.set(Json.copy(shown.object("resources").map()), "resources");
    }

    private static Unstructured condition(String type, String reason, String message, long generation) {
        Unstructured c =
                new Unstructured(new LinkedHashMap<>()).set(type, "type").set("True", "status");
        c.set(reason.isEmpty() ? null : reason, "reason").set(message.isEmpty() ? null : message, "message");
        return c.set(generation > 0 ? generation : null, "observedGeneration");
    }

    /** As upstream words it, all amounts of the pod included. */
    private static String told(String what, Unstructured pod, long generation, String error) {
        Map<String, Object> summary = new LinkedHashMap<>();
        for (String list : List.of("initContainers", "containers")) {
            List<Object> containers = new ArrayList<>();
            for (Unstructured c : pod.objects("spec", list)) {
                Map<String, Object> resources = new LinkedHashMap<>();
                for (String side : List.of("limits", "requests")) {
                    if (c.has("resources", side)) {
                        resources.put(side, new TreeMap<>(c.strings("resources", side)));
                    }
                }
                Map<String, Object> container = new LinkedHashMap<>();
                container.put("name", c.string("name"));
                container.put("resources", resources);
                containers.add(container);
            }
            if (!containers.isEmpty()) {
                summary.put(list, containers);
            }
        }
        summary.put("generation", generation);
        if (!error.isEmpty()) {
            summary.put("error", error);
        }
        return what + ": " + Json.string(summary);
    }
}
