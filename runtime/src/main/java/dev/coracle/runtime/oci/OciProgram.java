package dev.coracle.runtime.oci;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.os.Nodes;
import dev.coracle.runtime.CriException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code runc} (or {@code crun}) and {@code conmon}, with the arguments that make them work together. */
final class OciProgram {
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
        this.conmon = Programs.find("conmon").orElse("conmon");
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
        Path answerPipe = bundle.resolve("answer");
        Nodes.fifo(answerPipe);
        List<String> all = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                // conmon answers on an inherited descriptor. Standard output would not do: the JDK closes its end when
                // the process it started ends, and conmon's first process ends at once, before the answer.
                // Ours may be for private files only; runc makes the way to each mount point with it, for all users.
                "umask 022; exec 3>\"$0\"; _OCI_SYNCPIPE=3; export _OCI_SYNCPIPE; exec \"$@\"",
                answerPipe.toString(),
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
            all.add("--leave-stdin-open");
        }
        Process process = new ProcessBuilder(all)
                .directory(bundle.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(bundle.resolve("conmon.log").toFile())
                .start();
        try (BufferedReader answer =
                new BufferedReader(new InputStreamReader(Files.newInputStream(answerPipe), StandardCharsets.UTF_8))) {
            String line = answer.readLine();
            if (line == null) {
                throw new CriException("failed to create containerd task: conmon ended with exit code "
                        + exitCode(process) + ": " + reason("", bundle));
            }
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

    private static String exitCode(Process process) throws IOException {
        try {
            return process.waitFor(1, TimeUnit.SECONDS) ? String.valueOf(process.exitValue()) : "none yet";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
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
        Programs.Result r = programs.run(command("start", id));
        if (r.exitCode() != 0) {
            throw new CriException(
                    "failed to start containerd task: OCI runtime start failed: " + r.error() + ": unknown");
        }
    }

    /** Kills what is left and forgets the container; one that runc does not know is fine. */
    void delete(String id) throws IOException {
        if (Files.exists(root.resolve(id))) {
            Programs.Result r = programs.run(command("delete", "--force", id));
            if (r.exitCode() != 0 && Files.exists(root.resolve(id))) {
                throw new IOException("runc delete " + id + ": " + r.error());
            }
        }
    }
}
