package dev.coracle.runtime.oci;

import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A container as {@code container.json} keeps it.
 *
 * @param birth the main process's start time in clock ticks since boot: with {@code pid} it names the process for good
 */
record ContainerRecord(
        String id,
        String sandboxId,
        String name,
        int attempt,
        String image,
        String imageId,
        String imageRef,
        String logPath,
        String cgroup,
        String stopSignal,
        boolean stdin,
        boolean stdinOnce,
        boolean tty,
        Map<String, String> labels,
        Map<String, String> annotations,
        long createdAtNanos,
        Progress progress) {

    /** What changes in a container's life. */
    record Progress(
            ContainerState state,
            long pid,
            long birth,
            long startedAtNanos,
            long finishedAtNanos,
            int exitCode,
            String reason,
            String message) {
        static final Progress CREATED = new Progress(ContainerState.CREATED, 0, 0, 0, 0, 0, "", "");

        Progress started(long pid, long birth, long now) {
            return new Progress(ContainerState.RUNNING, pid, birth, now, 0, 0, "", "");
        }

        Progress exited(long when, int code, String reason, String message) {
            return new Progress(ContainerState.EXITED, pid, birth, startedAtNanos, when, code, reason, message);
        }
    }

    ContainerRecord with(Progress next) {
        return new ContainerRecord(
                id,
                sandboxId,
                name,
                attempt,
                image,
                imageId,
                imageRef,
                logPath,
                cgroup,
                stopSignal,
                stdin,
                stdinOnce,
                tty,
                labels,
                annotations,
                createdAtNanos,
                next);
    }

    ContainerStatus status() {
        return new ContainerStatus(
                id,
                sandboxId,
                name,
                attempt,
                progress.state,
                createdAtNanos,
                progress.startedAtNanos,
                progress.finishedAtNanos,
                progress.exitCode,
                image,
                imageId,
                imageRef,
                progress.reason,
                progress.message,
                logPath,
                labels,
                annotations);
    }

    Map<String, Object> json() {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("id", id);
        m.put("sandboxId", sandboxId);
        m.put("name", name);
        m.put("attempt", (long) attempt);
        m.put("image", image);
        m.put("imageId", imageId);
        m.put("imageRef", imageRef);
        m.put("logPath", logPath);
        m.put("cgroup", cgroup);
        m.put("stopSignal", stopSignal);
        m.put("stdin", stdin);
        m.put("stdinOnce", stdinOnce);
        m.put("tty", tty);
        m.put("labels", labels);
        m.put("annotations", annotations);
        m.put("createdAt", createdAtNanos);
        m.put("state", progress.state.name());
        m.put("pid", progress.pid);
        m.put("birth", progress.birth);
        m.put("startedAt", progress.startedAtNanos);
        m.put("finishedAt", progress.finishedAtNanos);
        m.put("exitCode", (long) progress.exitCode);
        m.put("reason", progress.reason);
        m.put("message", progress.message);
        return m;
    }

    static ContainerRecord of(Map<String, Object> m) {
        return new ContainerRecord(
                Trees.string(m, "id"),
                Trees.string(m, "sandboxId"),
                Trees.string(m, "name"),
                (int) Trees.number(m, "attempt"),
                Trees.string(m, "image"),
                Trees.string(m, "imageId"),
                Trees.string(m, "imageRef"),
                Trees.string(m, "logPath"),
                Trees.string(m, "cgroup"),
                Trees.string(m, "stopSignal"),
                Boolean.TRUE.equals(m.get("stdin")),
                Boolean.TRUE.equals(m.get("stdinOnce")),
                Boolean.TRUE.equals(m.get("tty")),
                Trees.stringMap(m.get("labels")),
                Trees.stringMap(m.get("annotations")),
                Trees.number(m, "createdAt"),
                new Progress(
                        ContainerState.valueOf(Trees.string(m, "state")),
                        Trees.number(m, "pid"),
                        Trees.number(m, "birth"),
                        Trees.number(m, "startedAt"),
                        Trees.number(m, "finishedAt"),
                        (int) Trees.number(m, "exitCode"),
                        Trees.string(m, "reason"),
                        Trees.string(m, "message")));
    }
}
