package dev.coracle.kubelet.pod;

import dev.coracle.client.Client;
import dev.coracle.client.Reconciler;
import dev.coracle.kubelet.admission.Admission;
import dev.coracle.kubelet.container.ContainerConfigs;
import dev.coracle.kubelet.container.NodeSettings;
import dev.coracle.kubelet.container.Sandboxes;
import dev.coracle.kubelet.probe.Prober;
import dev.coracle.kubelet.volume.Volumes;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.ImageService;
import dev.coracle.runtime.RuntimeService;
import dev.coracle.runtime.RuntimeService.ContainerConfig;
import dev.coracle.runtime.RuntimeService.ContainerResources;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ContainerStats;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import dev.coracle.runtime.RuntimeService.ExecResult;
import dev.coracle.runtime.RuntimeService.PodSandbox;
import dev.coracle.runtime.RuntimeService.PodSandboxConfig;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * One pod and its worker on a node whose containers are only written down: they run until a test or the worker ends
 * them, and a signal ends them at once.
 */
final class PodStage {
    /** With room enough. */
    static final Unstructured NODE = Unstructured.parse("""
            {"metadata": {"name": "n", "labels": {"disk": "slow"}},
             "status": {"allocatable": {"cpu": "4", "memory": "4Gi", "ephemeral-storage": "10Gi", "pods": "110"}}}""");

    private static final int TERMINATED = 143;

    final VirtualEnvironment world = new VirtualEnvironment(1);
    final List<String> events = new ArrayList<>();
    final List<Duration> graces = new ArrayList<>();
    /** By what a command inside is answered. */
    BiFunction<String, List<String>, ExecResult> inside = (id, command) -> new ExecResult(new byte[0], new byte[0], 0);

    final Admission admission = new Admission(() -> NODE);
    /** Told of every status that is written, as soon as it is. */
    Consumer<Unstructured> onStatus = status -> {};

    /** What running containers were told to use from then on. */
    final Map<String, ContainerResources> updates = new LinkedHashMap<>();
    /** Why the runtime changes nothing; {@code ""}: it does. */
    String updateFailure = "";

    long memoryUsage;
    /** How often another sync was asked for. */
    int asked;

    Prober prober = question -> new Prober.Answer(true, "");
    /** By container, the run that it was told to be among the processes of. */
    final Map<String, String> targets = new LinkedHashMap<>();

    /** By name, the ResourceClaims that the API server has. */
    final Map<String, Revision> claims = new LinkedHashMap<>();
    /** Why the API server tells nothing of them; {@code ""}: it does. */
    String claimFailure = "";
    /** When the worker wants to look again. */
    Reconciler.Result again = Reconciler.Result.DONE;
    /** Whether the API server was told that nothing of the pod is left. */
    boolean deleted;

    final Map<String, ContainerStatus> runs = new LinkedHashMap<>();
    private final List<PodSandbox> sandboxes = new ArrayList<>();
    private PodWorker worker;
    private final PodContext context;
    private Revision pod;
    private long version = 1;

    PodStage(Path dir, String json) {
        this.pod =
                new Revision(Resources.PODS, version, Unstructured.parse(json).json());
        Client client = fake(Client.class, (proxy, method, args) -> {
            if (method.getName().equals("update")) {
                change((Unstructured) args[1]);
                onStatus.accept(pod().object("status"));
            }
            deleted |= method.getName().equals("delete");
            return method.getName().equals("get") && args[0].equals(Resources.RESOURCE_CLAIMS)
                    ? claim((String) args[2])
                    : pod;
        });
        var environment = world.environment();
        var node = new NodeSettings(
                "n", "127.0.0.1", dir.resolve("pods"), dir.resolve("logs"), "10.96.0.10", "local", 1000, 1 << 30);
        ImageService images = fake(
                ImageService.class,
                (proxy, method, args) ->
                        Optional.of(new ImageService.Image("sha256:1", List.of("i"), List.of(), 1, "", 0)));
        this.context = new PodContext(
                node,
                client,
                fake(RuntimeService.class, (proxy, method, args) -> runtime(method.getName(), args)),
                images,
                environment,
                (about, type, reason, message) ->
                        events.add(about.string("fieldPath") + " " + type + " " + reason + ": " + message),
                new Volumes(node.pods(), client, environment, node.resourceFields()),
                question -> prober.ask(question),
                namespace -> List.of(),
                new ContainerConfigs(node, client),
                new Sandboxes(node),
                admission);
        this.worker = new PodWorker(context, pod.uid(), () -> asked++);
    }

    private Revision claim(String name) {
        if (!claimFailure.isEmpty()) {
            throw StatusException.unavailable(claimFailure);
        }
        return Optional.ofNullable(claims.get(name))
                .orElseThrow(() -> StatusException.notFound(Resources.RESOURCE_CLAIMS, name));
    }

    static <T> T fake(Class<T> type, InvocationHandler answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answers));
    }

    /** The kubelet ends and begins anew. */
    void restartKubelet() {
        worker.close();
        worker = new PodWorker(context, pod.uid(), () -> asked++);
        admission.release(pod.uid());
        admission.readmit(worker.promised(pod.object()));
    }

    /** The API server has a newer version of the pod. */
    void change(Unstructured next) {
        pod = new Revision(
                Resources.PODS,
                ++version,
                next.copy().set("" + version, "metadata", "resourceVersion").json());
    }

    Unstructured pod() {
        return pod.object().copy();
    }

    /** One sync, and all that it began. @return the status that the API server has then */
    Unstructured sync() {
        worker.offer(pod);
        again = worker.sync();
        world.settle();
        return pod().object("status");
    }

    boolean hasSandbox() {
        return !sandboxes.isEmpty();
    }

    /** That of the container's newest run. */
    Unstructured status(String container) {
        return Specs.reported(pod(), container);
    }

    ContainerStatus latest(String container) {
        return runs.values().stream()
                .filter(r -> r.name().equals(container))
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    /** A container ends by itself. */
    void end(String container, int code) {
        ContainerStatus run = latest(container);
        runs.put(run.id(), with(run, ContainerState.EXITED, run.startedAtNanos(), now(), code));
    }

    private long now() {
        var now = world.environment().clock().now();
        return now.getEpochSecond() * 1_000_000_000 + now.getNano();
    }

    private Object runtime(String method, Object[] args) {
        return switch (method) {
            case "listPodSandbox" -> List.copyOf(sandboxes);
            case "listContainers" -> List.copyOf(runs.values());
            case "runPodSandbox" -> sandbox((PodSandboxConfig) args[0]);
            case "stopPodSandbox" -> {
                sandboxes.clear();
                yield null;
            }
            case "createContainer" -> create((String) args[0], (ContainerConfig) args[1]);
            case "startContainer" -> {
                runs.computeIfPresent((String) args[0], (id, r) -> with(r, ContainerState.RUNNING, now(), 0, 0));
                yield null;
            }
            case "stopContainer" -> {
                graces.add((Duration) args[1]);
                runs.computeIfPresent(
                        (String) args[0],
                        (id, r) -> with(r, ContainerState.EXITED, r.startedAtNanos(), now(), TERMINATED));
                yield null;
            }
            case "updateContainerResources" -> {
                if (!updateFailure.isEmpty()) {
                    throw new CriException(updateFailure);
                }
                updates.put((String) args[0], (ContainerResources) args[1]);
                yield null;
            }
            case "containerStats" -> new ContainerStats(0, memoryUsage, memoryUsage, 1);
            case "removeContainer" -> {
                runs.remove((String) args[0]);
                yield null;
            }
            case "execSync" -> inside.apply((String) args[0], strings(args[1]));
            default -> throw new AssertionError(method);
        };
    }

    private static List<String> strings(Object list) {
        return ((List<?>) list).stream().map(String.class::cast).toList();
    }

    private String sandbox(PodSandboxConfig c) {
        String id = "s" + c.attempt();
        sandboxes.add(new PodSandbox(
                id,
                c.namespace(),
                c.name(),
                c.uid(),
                c.attempt(),
                true,
                now(),
                List.of("10.0.0.1"),
                "/ns",
                Map.of(),
                Map.of()));
        return id;
    }

    private String create(String sandbox, ContainerConfig c) {
        String id = c.name() + "-" + c.attempt();
        targets.put(c.name(), c.pidTarget());
        runs.put(
                id,
                new ContainerStatus(
                        id,
                        sandbox,
                        c.name(),
                        c.attempt(),
                        ContainerState.CREATED,
                        now(),
                        0,
                        0,
                        0,
                        c.image(),
                        c.image(),
                        "",
                        "",
                        "",
                        "",
                        c.labels(),
                        c.annotations()));
        return id;
    }

    private static ContainerStatus with(ContainerStatus r, ContainerState state, long started, long ended, int code) {
        return new ContainerStatus(
                r.id(),
                r.sandboxId(),
                r.name(),
                r.attempt(),
                state,
                r.createdAtNanos(),
                started,
                ended,
                code,
                r.image(),
                r.imageId(),
                r.imageRef(),
                "",
                "",
                r.logPath(),
                r.labels(),
                r.annotations());
    }
}
