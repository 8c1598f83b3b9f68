package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.cluster.ClusterNetwork;
import dev.coracle.e2e.harness.Coracle;
import dev.coracle.e2e.harness.DemoCluster;
import dev.coracle.e2e.harness.Kubectl;
import dev.coracle.e2e.harness.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Clusters come, stop, return and go, beside each other, and leave the machine as it was. */
@ExtendWith(DemoCluster.class)
class LifeOfClustersStoryTest {
    private static final String POD = """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: notes}
            spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: writer}
            spec:
              terminationGracePeriodSeconds: 1
              securityContext: {runAsUser: 1000}
              containers:
              - name: main
                image: busybox
                imagePullPolicy: IfNotPresent
                command: [sh, -c, "echo run >> /notes/runs; exec sleep 600"]
                volumeMounts: [{name: notes, mountPath: /notes}]
              volumes: [{name: notes, persistentVolumeClaim: {claimName: notes}}]
            """;

    private static final String RULES = """
            apiVersion: kubescheduler.config.k8s.io/v1
            kind: KubeSchedulerConfiguration
            profiles:
            - schedulerName: default-scheduler
            - schedulerName: packing
              pluginConfig:
              - name: NodeResourcesFit
                args: {scoringStrategy: {type: MostAllocated, resources: [{name: cpu, weight: 1}]}}
            """;

    private static final String READ_ALL = "umask; cat /etc/hostname; cd /var/run/secrets/kubernetes.io/serviceaccount;"
            + "cat /etc/resolv.conf /etc/hosts token ca.crt > /notes/read && ls / /etc > /notes/read";

    private final Coracle second = Coracle.ofThisCheckout("second");

    /** Other clusters of other homes may stand on this machine: what was there before is not ours to explain. */
    private final Set<String> before = Set.copyOf(machine());

    @AfterEach
    void gone() {
        second.on("down", "--delete").ok();
    }

    /** Programs, mounts, links, addresses, routes, tables and cgroups of this machine. */
    private static List<String> machine() {
        String script = """
                ps -eo args | grep -E '(conmon|runc|pause)' | grep -v grep
                mount
                ip -o link show
                ip -o addr show
                ip route show table all
                nft list tables
                ls /run/netns
                grep -H . /run/coracle/[0-9]* 2>/dev/null
                find /sys/fs/cgroup -maxdepth 4 -type d
                true
                """;
        return Shell.run(Map.of(), "", List.of("sh", "-c", script))
                .out()
                .lines()
                .toList();
    }

    /** What of the machine is the second cluster's. */
    private List<String> traces(int index) {
        var own = Pattern.compile("%4$s|cor%1$d[-v]|172\\.30\\.%1$d\\.|\\b10\\.%2$d\\.|\\b10\\.%3$d\\."
                .formatted(index, 96 + index, 244 - index, second.name()));
        return machine().stream()
                .filter(line -> !before.contains(line))
                .filter(own.asPredicate())
                .toList();
    }

    @Test
    void aClusterReturnsWithItsObjectsAndDataAndIsDeletedWithoutATrace(Coracle first, @TempDir Path files)
            throws IOException {
        Path rules = files.resolve("scheduler.yaml");
        Files.writeString(rules, RULES.replace("profiles", "profilez"));
        assertThat(second.on("up", "--workers", "0", "--scheduler-config", "" + rules)
                        .refused())
                .contains("profilez");
        Files.writeString(rules, RULES);
        assertThat(second.on("up", "--workers", "0", "--profile", "desktop").refused())
                .contains("there is no profile \"desktop\": laptop and server are known");
        assertThat(second.on("up", "--workers", "0", "--profile", "server", "--scheduler-config", "" + rules)
                        .ok())
                .contains("cluster \"" + second.name() + "\" with 1 nodes is ready");
        assertThat(flags()).contains("-XX:+UseG1GC").doesNotContain("-XX:TieredStopAtLevel=1");
        Kubectl kubectl = second.kubectl();
        kubectl.apply(POD);
        kubectl.ok("wait", "--for=condition=Ready", "pod/writer", "--timeout=60s");
        String uid = kubectl.json("pod", "writer").uid();
        isPacked("before", kubectl);
        assertThat(second.run("why", "pod", "--name", second.name(), "writer", "--nodes")
                        .ok())
                .contains("default/writer was sent to " + second.name() + "-control-plane");
        assertThat(second.run("why", "--name", second.name()).ok()).isEqualTo("Nothing is wrong with the cluster.\n");
        int index = second.description().index();
        assertThat(traces(index)).hasSizeGreaterThan(5);
        assertThat(second.on("up").refused()).contains("runs already");
        assertThat(second.run("status").ok())
                .containsPattern(first.name() + " +running +3 nodes")
                .containsPattern(second.name() + " +running +1 nodes");
        assertThat(second.on("kubeconfig").ok().strip())
                .isEqualTo(second.paths().kubeconfig().toString());
        // Nobody else on the machine reads what is the cluster's, and every user of a pod what is the pod's.
        String find = "find " + second.paths().dir() + " -maxdepth 2 -not -path '*/nodes/*' -not -path '*/volumes/*' "
                + "-not -type l -perm /077";
        assertThat(Shell.run(Map.of(), "", List.of("sh", "-c", find)).ok()).isEmpty();
        assertThat(kubectl.ok("exec", "writer", "--", "sh", "-c", READ_ALL)).isEqualTo("0022\nwriter\n");
        // Two clusters are two worlds.
        assertThat(first.kubectl().run("get", "pod", "writer").refused()).contains("NotFound");

        String server = second.description().server();
        assertThat(server)
                .startsWith("https://127.0.0.1:")
                .isNotEqualTo(first.description().server());
        second.on("down").ok();
        assertThat(second.run("status").ok()).containsPattern(second.name() + " +down ");
        // At once and by this machine: nobody else is asked.
        assertThat(kubectl.run("get", "nodes").refused()).contains("refused");
        ClusterNetwork network = second.description().network();
        for (String address : List.of(network.nodeIp(0), network.apiServiceIp(), network.dnsServiceIp())) {
            assertThat(Shell.run(Map.of(), "", List.of("ip", "route", "get", address))
                            .refused())
                    .contains("No route to host");
        }
        assertThat(second.on("up").ok()).contains("ready");
        assertThat(flags()).as("as it was begun with").contains("-XX:+UseG1GC");
        assertThat(second.description().server()).isEqualTo(server);
        kubectl.ok("wait", "--for=condition=Ready", "pod/writer", "--timeout=60s");
        assertThat(kubectl.json("pod", "writer").uid()).isEqualTo(uid);
        assertThat(kubectl.ok("exec", "writer", "--", "cat", "/notes/runs")).isEqualTo("run\nrun\n");
        isPacked("after", kubectl);

        second.on("down", "--delete").ok();
        assertThat(second.paths().dir()).doesNotExist();
        assertThat(traces(index)).isEmpty();
    }

    /** What the cluster's process was started with. */
    private List<String> flags() throws IOException {
        Path line = Path.of("/proc/" + second.description().pid() + "/cmdline");
        return List.of(Files.readString(line).split("\0"));
    }

    /** The scheduler's second profile, which the cluster was told of once, sends a pod to its node. */
    private static void isPacked(String pod, Kubectl kubectl) {
        kubectl.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  schedulerName: packing
                  terminationGracePeriodSeconds: 1
                  containers: [{name: main, image: busybox, imagePullPolicy: IfNotPresent, command: [sleep, "600"]}]
                """.formatted(pod));
        kubectl.ok("wait", "--for=condition=PodScheduled", "pod/" + pod, "--timeout=30s");
    }

    @Test
    void aKilledClusterIsDeletedWithoutATrace() {
        second.on("up", "--workers", "1").ok();
        int index = second.description().index();
        second.kubectl().apply(POD);
        second.kubectl().ok("wait", "--for=condition=Ready", "pod/writer", "--timeout=60s");

        second.killHard();
        assertThat(second.run("status").ok()).containsPattern(second.name() + " +down ");
        second.on("down", "--delete").ok();

        assertThat(second.paths().dir()).doesNotExist();
        assertThat(traces(index)).isEmpty();
    }

    @Test
    void imagesAreListedAndLoaded() throws Exception {
        assertThat(second.run("image", "ls").ok())
                .contains("flowforge/api-service:v1")
                .contains("busybox:latest");
        try (Stream<Path> built = Files.walk(second.paths().home().resolve("build"))) {
            String archive = built.filter(p -> p.toString().contains("busybox") && Files.isRegularFile(p))
                    .map(Object::toString)
                    .filter(p -> p.endsWith(".tar"))
                    .findFirst()
                    .orElseThrow();
            assertThat(second.run("image", "load", archive).ok()).contains("busybox");
        }
    }

    @Test
    void wrongUseIsToldInALine() {
        assertThat(second.run("up", "--name", "../x").refused())
                .contains("--name")
                .doesNotContain("\tat ");
        assertThat(second.run("up", "--name", "UPPER").refused()).contains("lower case");
        assertThat(second.on("up", "--workers", "-1").refused()).contains("--workers");
        assertThat(second.on("up", "--workers", "100").refused()).contains("--workers");
        assertThat(second.on("up", "--sideways").refused())
                .contains("Unknown option: '--sideways'")
                .doesNotContain("unexpectedly");
        assertThat(second.run("up", "--help").ok()).contains("--workers", "--yes");
        assertThat(second.run("--version").ok()).contains("coracle");
        assertThat(second.run("sideways").refused()).contains("sideways");
        assertThat(second.run("kubeconfig", "--name", "nobody").refused()).contains("there is no cluster \"nobody\"");
        assertThat(second.run("image", "load", "/no/such.tar").refused()).contains("/no/such.tar");
    }
}
