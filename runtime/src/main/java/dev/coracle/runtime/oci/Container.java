package dev.coracle.runtime.oci;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.os.Processes;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService.ContainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One container's life: created, running, exited. Its end is learnt from the exit file that conmon writes.
 *
 * <p>{@code lock} guards changes of the record; listeners are told after it is released.
 */
final class Container {
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

    private final Path directory;
    private final Path exitFile;
    private final Surroundings surroundings;
    private final ReentrantLock lock = new ReentrantLock();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile ContainerRecord record;

    /** What every container of a runtime has around it. */
    record Surroundings(OciProgram program, Cgroups cgroups, Listeners listeners, Environment environment) {}

    Container(ContainerRecord record, Path directory, Path exitFile, Surroundings surroundings) {
        this.record = record;
        this.directory = directory;
        this.exitFile = exitFile;
        this.surroundings = surroundings;
    }

    ContainerRecord record() {
        return record;
    }

    Path directory() {
        return directory;
    }

    void save(ContainerRecord next) throws IOException {
        Trees.write(directory.resolve("container.json"), next.json());
        record = next;
    }

    void start() throws IOException {
        lock.lock();
        try {
            if (record.progress().state() != ContainerState.CREATED) {
                throw new CriException("failed to start container \"" + record.id() + "\": it is not in created state");
            }
            try {
                long pid = surroundings.program().create(record, directory);
                long birth = birth(pid);
                // Saved before the start: killed in between, the next process finds it running and not lost.
                save(record.with(record.progress().started(pid, birth, now())));
                surroundings.program().start(record.id());
            } catch (IOException | RuntimeException e) {
                surroundings.program().delete(record.id());
                save(record.with(record.progress().exited(now(), 128, "StartError", String.valueOf(e.getMessage()))));
                ended.countDown();
                throw e;
            }
        } finally {
            lock.unlock();
        }
        tell(ContainerState.RUNNING);
        // The exit may have been noted while the lock was held here, and skipped.
        noteExit();
    }

    /** Looks whether conmon has written the exit code, and if so ends this container; else does nothing. */
    void noteExit() throws IOException {
        lock.lock();
        try {
            if (record.progress().state() != ContainerState.RUNNING) {
                return;
            }
            int code;
            long when;
            try {
                code = Integer.parseInt(Files.readString(exitFile).strip());
                when = Ids.nanos(Files.getLastModifiedTime(exitFile).toInstant());
            } catch (NoSuchFileException e) {
                return;
            }
            boolean oom = Files.exists(directory.resolve("oom"))
                    || surroundings.cgroups().outOfMemory(record.cgroup());
            end(when, code, oom ? "OOMKilled" : code == 0 ? "Completed" : "Error", "");
        } finally {
            lock.unlock();
        }
        tell(ContainerState.EXITED);
    }

    private void end(long when, int code, String reason, String message) throws IOException {
        save(record.with(record.progress().exited(when, code, reason, message)));
        ended.countDown();
    }

    /** After a restart of this JVM: does it still run, did it end, or was it lost with a reboot? */
    void adopt() throws IOException {
        if (record.progress().state() == ContainerState.EXITED) {
            ended.countDown();
        }
        noteExit();
        if (record.progress().state() == ContainerState.RUNNING && !alive() && !conmonAlive()) {
            // Its supervisor may have written the exit code between the two looks.
            noteExit();
            lock.lock();
            try {
                if (record.progress().state() == ContainerState.RUNNING) {
                    end(now(), 255, "Unknown", "the container ended while nobody watched it");
                }
            } finally {
                lock.unlock();
            }
        }
    }

    boolean alive() {
        return record.progress().pid() > 0
                && birth(record.progress().pid()) == record.progress().birth();
    }

    private boolean conmonAlive() throws IOException {
        try {
            long pid = Long.parseLong(
                    Files.readString(directory.resolve("conmon.pid")).strip());
            return Files.readString(Path.of("/proc/" + pid + "/cmdline")).contains(record.id());
        } catch (NoSuchFileException | NumberFormatException e) {
            return false;
        }
    }

    /** Signals, waits, kills. Returns when it has ended. */
    void stop(Duration grace) throws IOException, InterruptedException {
        if (record.progress().state() == ContainerState.RUNNING && !grace.isZero() && !grace.isNegative()) {
            String signal = record.stopSignal();
            signal(signal.isEmpty() ? Processes.SIGTERM : Processes.signal(signal));
            if (ended.await(grace.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        }
        kill();
    }

    /** Ends it at once. With its first process all in its process namespace end. */
    void kill() throws IOException {
        if (record.progress().state() != ContainerState.RUNNING) {
            return;
        }
        try {
            signal(Processes.SIGKILL);
            surroundings.cgroups().unthrottle(record.cgroup());
            if (!ended.await(KILL_PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                adopt();
                if (record.progress().state() == ContainerState.RUNNING) {
                    throw new CriException("failed to kill container \"" + record.id() + "\": it does not end");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException("interrupted", e);
        }
    }

    private void signal(int number) throws IOException {
        if (alive()) {
            Processes.kill(record.progress().pid(), number);
        }
    }

    int awaitEnd() throws InterruptedException {
        ended.await();
        return record.progress().exitCode();
    }

    private long now() {
        return Ids.now(surroundings.environment());
    }

    private void tell(ContainerState state) {
        surroundings.listeners().tell(record.sandboxId(), record.id(), state);
    }

    /** A process's start time in ticks: the 22nd field of its stat line, counted after the name in parentheses. */
    private static long birth(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            // A zombie has ended; only its parent has not looked yet.
            return fields[0].equals("Z") ? 0 : Long.parseLong(fields[19]);
        } catch (IOException e) {
            return 0;
        }
    }
}
