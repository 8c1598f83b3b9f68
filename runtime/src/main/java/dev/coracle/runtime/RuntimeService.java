package dev.coracle.runtime;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * CRI v1 {@code RuntimeService}: sandboxes and the containers in them. Calls block. Failures are {@link CriException}s.
 * Stopping and removing are idempotent. Sandboxes and containers survive the process and are found again by the lists.
 */
public interface RuntimeService {
    /** Makes the pod's namespaces and network. The result's id is fresh. */
    String runPodSandbox(PodSandboxConfig config);

    /** Ends the sandbox's containers at once and frees its network. */
    void stopPodSandbox(String sandboxId);

    /** Removes what is left of a stopped sandbox and its containers. */
    void removePodSandbox(String sandboxId);

    Optional<PodSandbox> podSandboxStatus(String sandboxId);

    List<PodSandbox> listPodSandbox();

    String createContainer(String sandboxId, ContainerConfig config);

    void startContainer(String containerId);

    /** Sends the stop signal, and SIGKILL when {@code timeout} has passed; returns when the container has ended. */
    void stopContainer(String containerId, Duration timeout);

    void removeContainer(String containerId);

    /** Changes what a running container may use, while it runs. */
    void updateContainerResources(String containerId, ContainerResources resources);

    List<ContainerStatus> listContainers();

    Optional<ContainerStatus> containerStatus(String containerId);

    /** Runs a command inside and returns its output, as exec probes and lifecycle hooks need it. */
    ExecResult execSync(String containerId, List<String> command, Duration timeout);

    /** Starts a command inside with live streams. */
    ExecSession exec(String containerId, List<String> command, boolean tty, boolean stdin);

    /** Joins the main process's streams. */
    ExecSession attach(String containerId, boolean stdin);

    /** A connection to a port inside the sandbox's network namespace, on its loopback. */
    Connection portForward(String sandboxId, int port);

    ContainerStats containerStats(String containerId);

    /** Tells of every container state change, so that nobody polls. */
    AutoCloseable containerEvents(ContainerListener listener);

    /** Called on a thread of the runtime; must hand over and return. */
    @FunctionalInterface
    interface ContainerListener {
        void onChange(String sandboxId, String containerId, ContainerState state);
    }

    enum ContainerState {
        CREATED,
        RUNNING,
        EXITED
    }

    enum NamespaceMode {
        POD,
        NODE,
        CONTAINER
    }

    /**
     * @param hostname what uname answers inside
     * @param logDirectory where container logs go: {@code logDirectory/<ContainerConfig.logPath>}
     * @param dns contents for the pod's resolv.conf
     * @param cgroupParent cgroup path under which the containers' cgroups lie, {@code ""} for the runtime's default
     * @param pidsLimit how many processes and threads all the containers may have together; 0: as many as they like
     */
    record PodSandboxConfig(
            String namespace,
            String name,
            String uid,
            int attempt,
            String hostname,
            String logDirectory,
            DnsConfig dns,
            NamespaceMode network,
            NamespaceMode pid,
            NamespaceMode ipc,
            List<PortMapping> portMappings,
            Map<String, String> sysctls,
            String cgroupParent,
            long pidsLimit,
            Map<String, String> labels,
            Map<String, String> annotations) {}

    record DnsConfig(List<String> servers, List<String> searches, List<String> options) {}

    record PortMapping(String protocol, int containerPort, int hostPort, String hostIp) {}

    /** @param ips empty for host network; the first is the pod's IP */
    record PodSandbox(
            String id,
            String namespace,
            String name,
            String uid,
            int attempt,
            boolean ready,
            long createdAtNanos,
            List<String> ips,
            String networkNamespacePath,
            Map<String, String> labels,
            Map<String, String> annotations) {}

    /**
     * @param image an image id or reference that is present
     * @param command replaces the image's entrypoint unless empty
     * @param args replaces the image's cmd unless empty
     * @param stdinOnce the end of the first attached client's input is the end of the container's
     * @param logPath relative to the sandbox's log directory; lines in CRI format
     * @param cpuShares 0: the runtime's default; {@code cpuQuota} and {@code memoryLimit} 0: none
     * @param pidTarget the running container of the same sandbox whose processes it is among; {@code ""}: those that the
     *     sandbox says
     */
    record ContainerConfig(
            String name,
            int attempt,
            String image,
            List<String> command,
            List<String> args,
            String workingDir,
            Map<String, String> envs,
            List<Mount> mounts,
            String logPath,
            boolean stdin,
            boolean stdinOnce,
            boolean tty,
            long cpuShares,
            long cpuQuota,
            long cpuPeriod,
            long memoryLimit,
            int oomScoreAdj,
            SecurityContext security,
            Map<String, String> labels,
            Map<String, String> annotations,
            String pidTarget) {}

    /** The amounts of a {@link ContainerConfig}; {@code cpuQuota} and {@code memoryLimit} 0: none. */
    record ContainerResources(long cpuShares, long cpuQuota, long cpuPeriod, long memoryLimit) {}

    record Mount(
            String containerPath, String hostPath, boolean readonly, boolean bidirectional, boolean hostToContainer) {}

    /** @param runAsUser null: the image's user */
    record SecurityContext(
            boolean privileged,
            @Nullable Long runAsUser,
            @Nullable Long runAsGroup,
            List<Long> supplementalGroups,
            boolean readonlyRootfs,
            boolean noNewPrivs,
            List<String> addCapabilities,
            List<String> dropCapabilities,
            boolean seccompUnconfined) {}

    /**
     * @param reason {@code Completed}, {@code Error}, {@code OOMKilled} or {@code ""} while it has not exited
     * @param imageId the image's config digest
     * @param logPath absolute
     */
    record ContainerStatus(
            String id,
            String sandboxId,
            String name,
            int attempt,
            ContainerState state,
            long createdAtNanos,
            long startedAtNanos,
            long finishedAtNanos,
            int exitCode,
            String image,
            String imageId,
            String imageRef,
            String reason,
            String message,
            String logPath,
            Map<String, String> labels,
            Map<String, String> annotations) {}

    record ExecResult(byte[] stdout, byte[] stderr, int exitCode) {}

    /** A running command. With a terminal, everything comes on {@code stdout}. */
    interface ExecSession extends AutoCloseable {
        OutputStream stdin();

        InputStream stdout();

        InputStream stderr();

        void resize(int columns, int rows);

        /** Waits for the end and returns the exit code. */
        int waitFor() throws InterruptedException;

        /** Ends the command if it runs. */
        @Override
        void close();
    }

    interface Connection extends AutoCloseable {
        InputStream in();

        OutputStream out();

        @Override
        void close();
    }

    record ContainerStats(long cpuUsageNanos, long memoryWorkingSetBytes, long memoryUsageBytes, long pids) {}
}
