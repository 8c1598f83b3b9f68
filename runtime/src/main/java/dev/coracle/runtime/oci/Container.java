package dev.coracle.runtime.oci;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.os.Processes;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService.ContainerResources;
import dev.coracle.runtime.RuntimeService.ContainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One container's life: created, running, exited. Its end is learnt from the exit file that conmon writes; {@link #look}
 * finds the ends that conmon could not tell of.
 *
 * <p>{@code lock} guards changes of the record; listeners are told after it is released. It is held while runc works,
 * for at most the patience that all its calls have.
 */
final class Container {
    private static final System.Logger LOG = System.getLogger("coracle.runtime");
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

    /** How long conmon may take to write the last of the log when its container has been killed. */
    private static final Duration CONMON_PATIENCE = Duration.ofSeconds(2);

    /** How often a container may be found ended while its conmon, which may be writing the logs' end, says nothing. */
    private static final int SILENT_LOOKS = 3;

    private final Path directory;
    private final Path exitFile;
    private final Surroundings surroundings;
    private final ReentrantLock lock = new ReentrantLock();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile ContainerRecord record;
    private int silentLooks;

    /** What every container of a runtime has around it. */
    record Surroundings(OciProgram program, Cgroups cgroups, Listeners listeners, Environment environment) {
        /**
         * Ends a container of which nothing is known but its name, kindly to its conmon: that is the parent which
         * collects the ended process. What hangs is killed.
         */
        void abandon(String id, String cgroup, Path directory) throws IOException {
            Optional<ProcessHandle> conmon = program.supervisor(id, directory);
            try {
                program.delete(id);
            } catch (IOException | CriException e) {
                LOG.log(System.Logger.Level.WARNING, "container " + id + " is ended without runc", e);
            }
            for (long pid : cgroups.processes(cgroup)) {
                Processes.kill(pid, Processes.SIGKILL);
            }
            awaitEnd(conmon);
            program.killSupervisors(id);
            program.forget(id);
        }

        /** Forgets a container that has ended; after that nothing works for it any more. */
        void forget(ContainerRecord container, Path directory) throws IOException {
            Optional<ProcessHandle> conmon = program.supervisor(container.id(), directory);
            try {
                program.delete(container.id());
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "container " + container.id() + " is removed without runc", e);
                abandon(container.id(), container.cgroup(), directory);
            }
            if (!awaitEnd(conmon)) {
                program.killSupervisors(container.id());
            }
        }

        private static boolean awaitEnd(Optional<ProcessHandle> conmon) throws IOException {
            return conmon.isEmpty() || Processes.awaitEnd(conmon.get().pid(), CONMON_PATIENCE);
        }
    }

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
                long birth = Processes.startTime(pid);
                // Saved before the start: killed in between, the next process finds it running and not lost.
                save(record.with(record.progress().started(pid, birth, now())));
                surroundings.program().start(record.id());
            } catch (IOException | RuntimeException e) {
                try {
                    abandon();
                } catch (IOException | RuntimeException second) {
                    e.addSuppressed(second);
                }
                end(now(), 128, "StartError", String.valueOf(e.getMessage()));
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
    void noteExit() {
        lock.lock();
        try {
            if (!running() || !readExit()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        tell(ContainerState.EXITED);
    }

    private boolean running() {
        return record.progress().state() == ContainerState.RUNNING;
    }

    private boolean readExit() {
        int code;
        long when;
        try {
            code = Integer.parseInt(Files.readString(exitFile).strip());
            when = Ids.nanos(Files.getLastModifiedTime(exitFile).toInstant());
        } catch (IOException | NumberFormatException e) {
            // None yet; an empty one is what a full disk leaves.
            return false;
        }
        end(when, code, outOfMemory() ? "OOMKilled" : code == 0 ? "Completed" : "Error", "");
        return true;
    }

    private boolean outOfMemory() {
        return Files.exists(directory.resolve("oom")) || surroundings.cgroups().outOfMemory(record.cgroup());
    }

    /** A container has ended also when the disk is too full to note it; the next process finds out for itself. */
    private void end(long when, int code, String reason, String message) {
        ContainerRecord next = record.with(record.progress().exited(when, code, reason, message));
        record = next;
        try {
            save(next);
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the end of container " + record.id() + " cannot be written to " + directory
                            + "; see whether its disk is full",
                    e);
        } finally {
            // Last: who waited for it may remove the directory.
            ended.countDown();
        }
    }

    /**
     * After a restart of this JVM: does it still run, did it end, or was it lost with a reboot? The record is only what
     * was meant; what is so, runc and the process say.
     *
     * @param runc what runc says of it, {@code ""} for nothing; null when runc cannot be asked
     */
    void adopt(@Nullable String runc) throws IOException {
        lock.lock();
        try {
            switch (record.progress().state()) {
                case EXITED -> ended.countDown();
                case CREATED -> {
                    if (runc != null && !runc.isEmpty()) {
                        // Killed while it was being started.
                        abandon();
                    }
                }
                case RUNNING -> {
                    if (readExit()) {
                        return;
                    }
                    if ("created".equals(runc)) {
                        // Killed before runc was told to start it: its first process waits for that word for ever.
                        // As created it is made anew by whoever wanted it started.
                        LOG.log(
                                System.Logger.Level.WARNING,
                                "container " + record.id() + " was never started; it is to be made anew");
                        abandon();
                        save(record.with(ContainerRecord.Progress.CREATED));
                    } else if (runc != null && runc.isEmpty() && alive()) {
                        endUnsupervised("runc does not know it any more");
                    } else {
                        conclude(supervisor().isPresent() ? 1 : SILENT_LOOKS);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * One look of the slow round that finds what conmon does not tell: it may have been killed, or unable to write the
     * exit file.
     */
    void look() {
        if (!lock.tryLock()) {
            // Somebody is changing its state; the next round will do.
            return;
        }
        try {
            if (!running()) {
                return;
            }
            if (!readExit()) {
                conclude(silentLooks + 1);
            }
            if (running()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        tell(ContainerState.EXITED);
    }

    /** @param looks how often it was found ended, this time included, should it be */
    private void conclude(int looks) {
        boolean supervised = supervisor().isPresent();
        boolean alive = alive();
        silentLooks = supervised && !alive ? looks : 0;
        if (supervised && (alive || looks < SILENT_LOOKS)) {
            return;
        }
        // The exit code may have been written between the looks.
        if (readExit()) {
            return;
        }
        if (alive) {
            endUnsupervised("its supervisor, conmon, has ended");
            return;
        }
        abandonOrSay();
        boolean oom = outOfMemory();
        String why = "the container has ended, and how was not recorded";
        LOG.log(System.Logger.Level.WARNING, "container " + record.id() + ": " + why + "; see " + directory);
        // As containerd has it for a container whose end nobody saw.
        end(now(), oom ? 137 : 255, oom ? "OOMKilled" : "Unknown", why);
    }

    /**
     * Ends a container that nobody watches, as containerd does when a shim has died and CRI-O when a conmon has: nobody
     * reads its output, so it will block or die at one of its next lines, that would be lost, and its exit code would be
     * too. The pod's restart policy brings a whole one.
     */
    private void endUnsupervised(String why) {
        LOG.log(
                System.Logger.Level.WARNING,
                "container " + record.id() + " is killed, since " + why + ": its logs and its exit code would be lost");
        abandonOrSay();
        end(now(), 128 + Processes.SIGKILL, "Error", why);
    }

    private void abandonOrSay() {
        try {
            abandon();
        } catch (IOException | RuntimeException e) {
            // Its removal tries again.
            LOG.log(System.Logger.Level.WARNING, "what is left of container " + record.id(), e);
        }
    }

    /** Kills all that runs in it or for it, and has runc forget it. */
    private void abandon() throws IOException {
        surroundings.abandon(record.id(), record.cgroup(), directory);
    }

    private Optional<ProcessHandle> supervisor() {
        return surroundings.program().supervisor(record.id(), directory);
    }

    boolean alive() {
        long birth = record.progress().birth();
        return birth > 0 && Processes.startTime(record.progress().pid()) == birth;
    }

    /** Changes what it may use. One that does not run gets what it is made with. */
    void update(ContainerResources resources) throws IOException {
        lock.lock();
        try {
            if (!running()) {
                throw new CriException("failed to update resources: container \"" + record.id() + "\" is not running");
            }
            surroundings.program().update(record.id(), resources);
        } finally {
            lock.unlock();
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
        if (!running()) {
            return;
        }
        signal(Processes.SIGKILL);
        surroundings.cgroups().unthrottle(record.cgroup());
        try {
            if (supervisor().isPresent() && ended.await(KILL_PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException("interrupted", e);
        }
        if (alive() && !Processes.awaitEnd(record.progress().pid(), KILL_PATIENCE)) {
            throw new CriException("failed to kill container \"" + record.id() + "\": process "
                    + record.progress().pid() + " does not end; a stuck disk or mount may hold it: see dmesg");
        }
        lock.lock();
        try {
            if (!running() || readExit()) {
                return;
            }
            abandonOrSay();
            end(now(), 128 + Processes.SIGKILL, "Error", "");
        } finally {
            lock.unlock();
        }
        tell(ContainerState.EXITED);
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
}
