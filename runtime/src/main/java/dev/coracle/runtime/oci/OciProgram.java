package dev.coracle.runtime.oci;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.os.Processes;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService.ContainerResources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code runc} (or {@code crun}) and {@code conmon}, with the arguments that make them work together. */
final class OciProgram {
    private static final long UNLIMITED = -1;

    private final Programs programs;
    private final String runc;
    private final String conmon;
    private final Path root;
    private final Path exits;

    OciProgram(OciRuntimeConfig config, Programs programs) {
        this.programs = programs;
        this.runc = config.binary().isEmpty()
                ? Programs.find("runc").or(() -> Programs.find("crun")).orElse("runc")
                : Programs.find(config.binary()).orElse(config.binary());
        this.conmon = Programs.find(config.supervisor()).orElse(config.supervisor());
        this.root = config.stateDir().resolve("runc");
        this.exits = config.stateDir().resolve("exits");
    }

    /** The command line {@code runc --root … args}. */
    List<String> command(String... args) {
        List<String> all = new ArrayList<>(List.of(runc, "--root", root.toString(), "--log", "/dev/null"));
        all.addAll(List.of(args));
        return all;
    }

    /**
     * Starts conmon, which has the container created and stays as its parent.
     *
     * @param bundle the directory with {@code config.json}; conmon puts {@code attach} and {@code ctl} there
     * @return the main process's id
     */
    long create(ContainerRecord container, Path bundle) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                // conmon answers on an inherited descriptor. Standard output would not do: the JDK closes its end when
                // the process it started ends, and conmon's first process ends at once, before the answer. So a shell
                // waits for the answer, or for all of conmon to end without one. Our umask may be for private files
                // only;
                // runc makes the way to each mount point with it, for all users.
                "umask 022; \"$@\" 3>&1 >/dev/null | { IFS= read -r answer && printf '%s\\n' \"$answer\"; }",
                "sh",
                conmon,
                "--api-version",
                "1",
                "--cid",
                container.id(),
                "--cuuid",
                container.id(),
                "--name",
                container.name(),
                "--runtime",
                runc,
                "--runtime-arg",
                "--root=" + root,
                "--bundle",
                bundle.toString(),
                "--container-pidfile",
                bundle.resolve("pid").toString(),
                "--conmon-pidfile",
                bundle.resolve("conmon.pid").toString(),
                "--exit-dir",
                exits.toString(),
                "--persist-dir",
                bundle.toString(),
                "--full-attach",
                "--no-sync-log",
                "--log-level",
                "error",
                "--log-path",
                container.logPath().isEmpty() ? "off" : "k8s-file:" + container.logPath()));
        if (container.tty()) {
            all.add("--terminal");
        }
        if (container.stdin()) {
            all.add("--stdin");
            if (!container.stdinOnce()) {
                all.add("--leave-stdin-open");
            }
        }
        ProcessBuilder builder = new ProcessBuilder(all)
                .directory(bundle.toFile())
                .redirectError(bundle.resolve("conmon.log").toFile());
        builder.environment().put("_OCI_SYNCPIPE", "3");
        String line = new String(programs.run(builder, "conmon").stdout(), StandardCharsets.UTF_8);
        if (line.isBlank()) {
            throw new CriException(
                    "failed to create containerd task: conmon ended without an answer: " + reason("", bundle));
        }
        try {
            Map<String, Object> said = Json.parseObject(line);
            long pid = Trees.number(said, "data");
            if (pid <= 0) {
                throw new CriException("failed to create containerd task: failed to create shim task: "
                        + "OCI runtime create failed: " + reason(Trees.string(said, "message"), bundle) + ": unknown");
            }
            return pid;
        } catch (MalformedJsonException e) {
            throw new IOException("conmon: " + e.getMessage(), e);
        }
    }

    /** What runc said, out of its log line {@code time="…" level=error msg="runc create failed: …"}. */
    private static String reason(String message, Path bundle) throws IOException {
        String text = message;
        if (text.isBlank() && Files.exists(bundle.resolve("conmon.log"))) {
            text = Files.readString(bundle.resolve("conmon.log"));
        }
        int at = text.indexOf("msg=\"");
        if (at < 0) {
            return text.strip();
        }
        StringBuilder s = new StringBuilder();
        for (int i = at + 5; i < text.length() && text.charAt(i) != '"'; i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                i++;
                c = text.charAt(i) == 'n' ? '\n' : text.charAt(i);
            }
            s.append(c);
        }
        return s.toString();
    }

    void start(String id) throws IOException {
        Programs.Result r = run("start", id);
        if (r.exitCode() != 0) {
            throw new CriException(
                    "failed to start containerd task: OCI runtime start failed: " + r.error() + ": unknown");
        }
    }

    /** Changes the cgroup of a container that runs. */
    void update(String id, ContainerResources r) throws IOException {
        Programs.Result result = run(
                "update",
                "--cpu-share",
                "" + r.cpuShares(),
                "--cpu-period",
                "" + r.cpuPeriod(),
                "--cpu-quota",
                "" + (r.cpuQuota() > 0 ? r.cpuQuota() : UNLIMITED),
                "--memory",
                "" + (r.memoryLimit() > 0 ? r.memoryLimit() : UNLIMITED),
                id);
        if (result.exitCode() != 0) {
            throw new CriException(
                    "failed to update resources: failed to update containerd task: " + result.error() + ": unknown");
        }
    }

    private Programs.Result run(String... args) throws IOException {
        return programs.run(new ProcessBuilder(command(args)), runc + " " + args[0]);
    }

    /** Kills what is left and forgets the container; one that runc does not know is fine. */
    void delete(String id) throws IOException {
        if (Files.exists(root.resolve(id))) {
            Programs.Result r = run("delete", "--force", id);
            if (r.exitCode() != 0 && Files.exists(root.resolve(id))) {
                throw new IOException("runc delete " + id + ": " + r.error());
            }
        }
    }

    /** Forgets a container without runc's help; its processes must have been killed. */
    void forget(String id) throws IOException {
        Trees.delete(root.resolve(id));
    }

    /** The containers that runc has anything of. */
    List<String> known() throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(root)) {
            return all.map(p -> p.getFileName().toString()).toList();
        }
    }

    /**
     * What runc says of its containers, by id: {@code created}, {@code running}, {@code paused} or {@code stopped}.
     * Those whose state it cannot read are not among them.
     */
    Map<String, String> states() throws IOException {
        Map<String, String> states = new HashMap<>();
        if (known().isEmpty()) {
            return states;
        }
        Programs.Result r = run("list", "--format", "json");
        if (r.exitCode() != 0) {
            throw new IOException("runc list: " + r.error());
        }
        try {
            // It says null when there are none.
            for (Object container : Trees.list(Json.parse(r.stdout()))) {
                Map<String, Object> c = Trees.map(container);
                states.put(Trees.string(c, "id"), Trees.string(c, "status"));
            }
        } catch (MalformedJsonException e) {
            throw new IOException("runc list: " + e.getMessage(), e);
        }
        return states;
    }

    /** The conmon of a container, if it lives. @param bundle where it has left its process id */
    Optional<ProcessHandle> supervisor(String id, Path bundle) {
        try {
            long pid = Long.parseLong(
                    Files.readString(bundle.resolve("conmon.pid")).strip());
            // The id may be another process's by now.
            return Processes.arguments(pid).contains(id) ? ProcessHandle.of(pid) : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            // Killed before it wrote its id, or the disk was full.
            return calledFor(id)
                    .filter(p -> Processes.arguments(p.pid()).contains(exits.toString()))
                    .findFirst();
        }
    }

    /** The programs that work for one of this node's containers: its conmon, {@code runc create}, {@code runc exec}. */
    private Stream<ProcessHandle> calledFor(String id) {
        return Processes.calledWith(id).stream()
                .filter(pid -> {
                    List<String> arguments = Processes.arguments(pid);
                    return arguments.contains(exits.toString())
                            || arguments.contains(root.toString())
                            || arguments.contains("--root=" + root);
                })
                .flatMap(pid -> ProcessHandle.of(pid).stream());
    }

    /** Kills a container's conmon, also one that does not answer, and whatever else works for it. */
    void killSupervisors(String id) {
        calledFor(id).toList().forEach(program -> {
            List<ProcessHandle> started = program.descendants().toList();
            program.destroyForcibly();
            started.forEach(ProcessHandle::destroyForcibly);
        });
    }

    /** The containers that a conmon of this state directory watches. */
    List<String> supervised() {
        List<String> ids = new ArrayList<>();
        for (long pid : Processes.calledWith(exits.toString())) {
            List<String> arguments = Processes.arguments(pid);
            int at = arguments.indexOf("--cid");
            if (at >= 0 && at + 1 < arguments.size()) {
                ids.add(arguments.get(at + 1));
            }
        }
        return ids;
    }
}
