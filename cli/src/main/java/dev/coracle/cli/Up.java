package dev.coracle.cli;

import dev.coracle.cli.demo.Demo;
import dev.coracle.cluster.Cluster;
import dev.coracle.cluster.ClusterDescription;
import dev.coracle.cluster.ClusterPaths;
import dev.coracle.cluster.EncryptionConfig;
import dev.coracle.cluster.Leftovers;
import dev.coracle.cluster.Profile;
import dev.coracle.cluster.SchedulerConfig;
import dev.coracle.controllers.Addon;
import dev.coracle.controllers.Controllers;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.os.Processes;
import dev.coracle.runtime.oci.SystemRequirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "up",
        description = "Starts a cluster and leaves it running.",
        mixinStandardHelpOptions = true,
        version = "coracle 0.1.0")
final class Up implements Callable<Integer> {
    /** The last part of a node's address tells it apart. */
    private static final int MOST_WORKERS = 50;

    @Mixin
    private ClusterOptions options = new ClusterOptions();

    @Option(names = "--demo", description = "Builds FlowForge's images and runs FlowForge on it.")
    private boolean demo;

    @Option(
            names = "--workers",
            defaultValue = "2",
            description = "Worker nodes of a new cluster (default: ${DEFAULT-VALUE}).")
    private int workers = 2;

    @Option(
            names = "--scheduler-config",
            paramLabel = "FILE",
            description = {
                "How pods are given nodes: a KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1.",
                "The cluster keeps it for later starts; \"\" returns to the defaults."
            })
    private @Nullable String schedulerConfig;

    @Option(
            names = "--encryption-provider-config",
            paramLabel = "FILE",
            description = {
                "What is sealed in the store, and how: an EncryptionConfiguration of apiserver.config.k8s.io/v1.",
                "Without one it is Secrets, with a key that the cluster makes.",
                "The cluster keeps it for later starts; \"\" returns to its own key."
            })
    private @Nullable String encryptionConfig;

    @Option(
            names = "--controllers",
            split = ",",
            paramLabel = "NAME",
            description = {
                "Which controllers run, as kube-controller-manager has it: * all, NAME that one, -NAME all but that one.",
                "The cluster keeps it for later starts."
            })
    private List<String> controllers = List.of();

    @Option(
            names = "--leader-elect",
            paramLabel = "true|false",
            arity = "0..1",
            fallbackValue = "true",
            description = {
                "Whether controllers and scheduler are elected by Leases before they act, as upstream's are.",
                "Off for a new cluster; the cluster keeps it for later starts."
            })
    private @Nullable Boolean leaderElect;

    @Option(
            names = "--profile",
            paramLabel = "laptop|server",
            description = {
                "For what machine the process is set up: small, or with both compilers, another",
                "collector and up to half of the memory. It holds for later starts too (default: laptop)."
            })
    private @Nullable String profile;

    @Option(
            names = "--with",
            split = ",",
            paramLabel = "ADD-ON",
            description = {
                "What the cluster has besides: sealed-secrets (Secrets that may lie in a repository),",
                "external-secrets (Secrets that are kept in Vault or AWS Secrets Manager).",
                "The cluster keeps it for later starts; \"\" takes them away."
            })
    private @Nullable List<String> with;

    /** The launcher's; here it is for the help. */
    @SuppressWarnings("UnusedVariable")
    @Option(names = "--yes", description = "Installs the packages that are missing without asking.")
    private boolean yes;

    @Option(names = "--status-file", hidden = true)
    private @Nullable Path statusFile;

    @Override
    public Integer call() throws Exception {
        var system = new SystemEnvironment(
                (task, e) -> System.getLogger("coracle").log(System.Logger.Level.ERROR, "task " + task + " failed", e));
        Progress progress = new Progress(
                System.out, System.err, system.environment().clock(), "1".equals(System.getenv("CORACLE_TTY")));
        int code = 1;
        try {
            code = run(system, progress);
        } catch (Exception e) {
            progress.error(e.getMessage() == null ? e.toString() : e.getMessage());
        }
        report(code);
        return code;
    }

    private int run(SystemEnvironment system, Progress progress) throws Exception {
        var missing = SystemRequirements.missing();
        if (missing.isPresent()) {
            progress.error(missing.get());
            return 1;
        }
        ClusterPaths paths = options.paths();
        if (workers < 0 || workers > MOST_WORKERS) {
            progress.error("--workers: " + workers + " must be between 0 and " + MOST_WORKERS);
            return 1;
        }
        String wanted = schedulerConfig;
        // Before anything is made: with a file that nobody understands no cluster begins.
        String rules = wanted == null || wanted.isEmpty() ? wanted : SchedulerConfig.check(Path.of(wanted));
        String sealing = encryptionConfig;
        String seals = sealing == null || sealing.isEmpty() ? sealing : EncryptionConfig.check(Path.of(sealing));
        Controllers.check(controllers);
        Optional<Profile> wantedProfile = Optional.ofNullable(profile).map(Profile::of);
        Optional<List<Addon>> wantedAddons = Optional.ofNullable(with).map(Addon::of);
        ClusterDescription before = ClusterDescription.claim(paths, workers);
        if (before.running()) {
            progress.error("cluster \"" + paths.name() + "\" runs already; see `coracle status`");
            return 1;
        }
        // A process that was killed left containers and rules that no one watches any more.
        if (before.pid() != 0) {
            progress.step("cleaned up after the last run", () -> {
                new Leftovers(paths, before, system.environment()).remove(false);
                return "";
            });
        }
        if (rules != null) {
            new SchedulerConfig(paths).keep(rules);
        }
        if (seals != null) {
            new EncryptionConfig(paths).keep(seals);
        }
        ClusterDescription description = before.withControllers(
                        controllers.isEmpty() ? before.controllers() : controllers)
                .withLeaderElect(leaderElect == null ? before.leaderElect() : leaderElect)
                .withProfile(wantedProfile.orElse(before.profile()))
                .withAddons(wantedAddons.orElse(before.addons()))
                .withPid(ProcessHandle.current().pid());
        description.write(paths);
        Cluster cluster = new Cluster(paths, description, system.environment());
        var stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            cluster.close();
            system.close();
            stopped.countDown();
        }));
        progress.step(
                "cluster \"" + paths.name() + "\" with " + description.nodes().size() + " nodes is ready", () -> {
                    cluster.start();
                    return "";
                });
        if (demo) {
            Path dist = Path.of(System.getProperty("coracle.dist", ""));
            new Demo(
                            cluster,
                            description,
                            paths,
                            system.environment(),
                            dist,
                            progress::line,
                            (what, action) -> progress.step(what, () -> {
                                action.run();
                                return "";
                            }))
                    .run();
        }
        progress.line("");
        progress.line("kubeconfig  " + progress.strong(paths.kubeconfig().toString()));
        progress.line("try         kubectl --kubeconfig " + paths.kubeconfig() + " get nodes");
        // The report first: the launcher reads it when the output has ended.
        report(0);
        detach(paths);
        stopped.await();
        return 0;
    }

    /** From now on what is printed goes to the log, and whoever reads the progress sees its end. */
    private static void detach(ClusterPaths paths) throws IOException {
        Processes.redirectOutput(paths.log());
    }

    private void report(int code) throws IOException {
        Path file = statusFile;
        if (file == null) {
            return;
        }
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null && Files.isDirectory(directory)) {
            Files.writeString(file, "" + code);
        }
    }
}
