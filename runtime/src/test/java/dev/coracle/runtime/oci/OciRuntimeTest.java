package dev.coracle.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.machinery.json.Json;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService.ContainerResources;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import dev.coracle.runtime.RuntimeService.ExecSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real containers by runc and conmon. Needs root and is skipped without. */
class OciRuntimeTest {
    @TempDir
    Path dir;

    private TestNode node;

    @BeforeEach
    void start() throws IOException {
        node = new TestNode(dir);
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        if (node != null) {
            node.closeAndFindNothing();
        }
    }

    private ContainerStatus exited(String id) {
        return node.exited(id);
    }

    private String log() throws IOException {
        return Files.readString(dir.resolve("logs/main/0.log"));
    }

    @Test
    void runs_logs_in_cri_format_and_tells_of_every_change() throws Exception {
        List<ContainerState> told = new CopyOnWriteArrayList<>();
        node.runtime.containerEvents((sandbox, container, state) -> told.add(state));
        String sandbox = node.sandbox("web-0");
        String id = node.run(
                sandbox,
                "sh",
                "-c",
                "echo $GREETING $FROM_IMAGE; hostname; cat /etc/resolv.conf; echo oops >&2; exit 3");

        ContainerStatus status = exited(id);
        assertThat(status.exitCode()).isEqualTo(3);
        assertThat(status.reason()).isEqualTo("Error");
        assertThat(status.finishedAtNanos()).isGreaterThanOrEqualTo(status.createdAtNanos());
        assertThat(log().lines())
                .anyMatch(l -> l.matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+\\S+ stdout F hello yes"))
                .anyMatch(l -> l.endsWith(" stdout F web-0"))
                .anyMatch(l -> l.endsWith(" stdout F nameserver 10.96.0.10"))
                .anyMatch(l -> l.endsWith(" stderr F oops"));
        await().untilAsserted(() -> assertThat(told)
                .containsExactly(ContainerState.CREATED, ContainerState.RUNNING, ContainerState.EXITED));
    }

    private String limit(String id, String controller, String old, String unified) throws IOException {
        String record = Files.readString(dir.resolve("node/containers/" + id + "/container.json"));
        String cgroup = Trees.string(Json.parseObject(record), "cgroup").substring(1);
        Path root = Path.of("/sys/fs/cgroup");
        Path file = root.resolve(controller).resolve(cgroup).resolve(old);
        return Files.readString(Files.exists(file) ? file : root.resolve(cgroup).resolve(unified))
                .strip();
    }

    @Test
    void what_a_running_container_may_use_is_changed_under_it() throws Exception {
        String id = node.run(node.sandbox("resized"), "sleep", "1000");
        node.runtime.updateContainerResources(id, new ContainerResources(512, 20_000, 100_000, 64 << 20));
        assertThat(limit(id, "memory", "memory.limit_in_bytes", "memory.max")).isEqualTo("" + (64 << 20));
        assertThat(limit(id, "cpu", "cpu.cfs_quota_us", "cpu.max")).isIn("20000", "20000 100000");
        node.runtime.updateContainerResources(id, new ContainerResources(1024, 0, 100_000, 128 << 20));
        assertThat(limit(id, "memory", "memory.limit_in_bytes", "memory.max")).isEqualTo("" + (128 << 20));
        assertThat(limit(id, "cpu", "cpu.cfs_quota_us", "cpu.max")).isIn("-1", "max 100000");
        assertThat(node.runtime.containerStatus(id).orElseThrow().state()).isEqualTo(ContainerState.RUNNING);

        node.runtime.stopContainer(id, Duration.ZERO);
        assertThatThrownBy(() -> node.runtime.updateContainerResources(id, new ContainerResources(512, 0, 100_000, 0)))
                .isInstanceOf(CriException.class)
                .hasMessageContaining("is not running");
    }

    @Test
    void too_much_memory_ends_in_OOMKilled() {
        String id = node.run(node.sandbox("hungry"), 16 << 20, false, "sh", "-c", "x=a; while true; do x=$x$x; done");
        ContainerStatus status = exited(id);
        assertThat(status.exitCode()).isEqualTo(137);
        assertThat(status.reason()).isEqualTo("OOMKilled");
    }

    @Test
    void a_missing_program_is_a_start_error_with_runcs_words() {
        String sandbox = node.sandbox("typo");
        String id = node.runtime.createContainer(sandbox, TestNode.container(0, false, Map.of(), "no-such-program"));
        assertThatThrownBy(() -> node.runtime.startContainer(id))
                .isInstanceOf(CriException.class)
                .hasMessageContaining("exec: \"no-such-program\": executable file not found in $PATH");
        ContainerStatus status = node.runtime.containerStatus(id).orElseThrow();
        assertThat(status.state()).isEqualTo(ContainerState.EXITED);
        assertThat(status.exitCode()).isEqualTo(128);
        assertThat(status.reason()).isEqualTo("StartError");
    }

    @Test
    void exec_gives_output_exit_code_and_times_out() throws Exception {
        String id = node.run(node.sandbox("exec"), "sleep", "1000");
        var result =
                node.runtime.execSync(id, List.of("sh", "-c", "echo out; echo err >&2; exit 7"), Duration.ofSeconds(5));
        assertThat(new String(result.stdout(), StandardCharsets.UTF_8)).isEqualTo("out\n");
        assertThat(new String(result.stderr(), StandardCharsets.UTF_8)).isEqualTo("err\n");
        assertThat(result.exitCode()).isEqualTo(7);
        assertThatThrownBy(() -> node.runtime.execSync(id, List.of("sleep", "100"), Duration.ofMillis(300)))
                .hasMessageContaining("context deadline exceeded");
        assertThatThrownBy(() -> node.runtime.execSync(id, List.of("nope"), Duration.ofSeconds(5)))
                .hasMessageContaining("executable file not found in $PATH");

        try (ExecSession cat = node.runtime.exec(id, List.of("cat"), false, true)) {
            cat.stdin().write("through\n".getBytes(StandardCharsets.UTF_8));
            cat.stdin().close();
            assertThat(new String(cat.stdout().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("through\n");
            assertThat(cat.waitFor()).isZero();
        }
    }

    @Test
    void exec_on_a_terminal_knows_the_window_size() throws Exception {
        String id = node.run(node.sandbox("tty"), "sleep", "1000");
        try (ExecSession sh = node.runtime.exec(id, List.of("sh"), true, true)) {
            sh.resize(101, 37);
            // runc copies the size to the terminal inside on its own time, as a signal tells it of a change; so a
            // program may well be faster than its window, also in a real one, and asks until it is right.
            sh.stdin()
                    .write("tty; until [ \"$(stty size)\" = '37 101' ]; do :; done; stty size; exit 5\n"
                            .getBytes(StandardCharsets.UTF_8));
            String output = new String(sh.stdout().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(output).contains("/dev/pts/").contains("37 101");
            assertThat(sh.waitFor()).isEqualTo(5);
        }
    }

    @Test
    void attach_joins_the_main_process() throws Exception {
        String id = node.run(
                node.sandbox("attach"),
                0,
                true,
                "sh",
                "-c",
                "while read x; do echo got $x; test $x = end && exit 4; done");
        try (ExecSession session = node.runtime.attach(id, true)) {
            session.stdin().write("one\nend\n".getBytes(StandardCharsets.UTF_8));
            assertThat(new String(session.stdout().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("got one\ngot end\n");
            assertThat(session.waitFor()).isEqualTo(4);
        }
    }

    /** What {@code kubectl run -i} makes. */
    private String reader(String name, boolean once) {
        String id = node.runtime.createContainer(
                node.sandbox(name),
                TestNode.container(0, true, once, Map.of(), "sh", "-c", "cat; echo closed; sleep 0.1"));
        node.runtime.startContainer(id);
        return id;
    }

    @Test
    void the_end_of_the_first_clients_input_is_the_containers_if_it_reads_once() throws Exception {
        String id = reader("once", true);
        try (ExecSession looker = node.runtime.attach(id, false)) {
            // Who only looks on ends nothing by going.
            looker.stdin().close();
        }
        try (ExecSession session = node.runtime.attach(id, true)) {
            session.stdin().write("hello\n".getBytes(StandardCharsets.UTF_8));
            session.stdin().close();
            assertThat(new String(session.stdout().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("hello\nclosed\n");
            assertThat(session.waitFor()).isZero();
        }
    }

    @Test
    void else_the_next_client_goes_on() throws Exception {
        String id = reader("often", false);
        for (String line : List.of("one\n", "two\n")) {
            try (ExecSession session = node.runtime.attach(id, true)) {
                session.stdin().write(line.getBytes(StandardCharsets.UTF_8));
                assertThat(new String(session.stdout().readNBytes(4), StandardCharsets.UTF_8))
                        .isEqualTo(line);
                session.stdin().close();
            }
        }
        assertThat(node.runtime.containerStatus(id).orElseThrow().state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void port_forward_reaches_the_pods_loopback_and_not_the_hosts() throws Exception {
        String sandbox = node.sandbox("forward");
        String id = node.run(sandbox, "httpd", "-f", "-p", "127.0.0.1:8080");
        await().ignoreExceptions()
                .until(() -> node.runtime
                                .execSync(id, List.of("sh", "-c", "netstat -ltn | grep -c 8080"), Duration.ofSeconds(5))
                                .exitCode()
                        == 0);
        try (var connection = node.runtime.portForward(sandbox, 8080)) {
            connection.out().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            assertThat(new String(connection.in().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.");
        }
        assertThatThrownBy(() -> node.runtime.portForward(sandbox, 8081)).hasMessageContaining("connection refused");
    }

    @Test
    void a_closed_runtime_leaves_containers_and_the_next_finds_them() throws Exception {
        String sandbox = node.sandbox("keeps");
        String running = node.run(sandbox, "sleep", "1000");
        String ends =
                node.run(sandbox, "sh", "-c", "trap 'exit 9' TERM; echo trapped; while true; do sleep 0.05; done");
        // The kernel drops a signal that a container's first process does not handle yet.
        await().until(() -> log().contains("trapped"));
        node.runtime.close();
        long pid = Long.parseLong(Files.readString(dir.resolve("node/containers/" + ends + "/pid"))
                .strip());
        dev.coracle.machinery.os.Processes.kill(pid, 15);
        await().until(() -> Files.exists(dir.resolve("node/exits/" + ends)));

        OciRuntime next = new OciRuntime(
                new OciRuntimeConfig(dir.resolve("node"), "test"),
                node.images,
                new dev.coracle.runtime.PodNetwork() {
                    @Override
                    public List<String> attach(
                            String s, String n, List<dev.coracle.runtime.RuntimeService.PortMapping> p) {
                        return List.of();
                    }

                    @Override
                    public void detach(String s) {}
                },
                node.environment.environment());
        try (next) {
            assertThat(next.podSandboxStatus(sandbox).orElseThrow().ready()).isTrue();
            assertThat(next.containerStatus(running).orElseThrow().state()).isEqualTo(ContainerState.RUNNING);
            assertThat(next.containerStatus(ends).orElseThrow().exitCode()).isEqualTo(9);
            CountDownLatch told = new CountDownLatch(1);
            next.containerEvents((s, c, state) -> told.countDown());
            next.stopContainer(running, Duration.ofMillis(100));
            assertThat(told.await(10, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
            assertThat(next.containerStatus(running).orElseThrow().exitCode()).isEqualTo(137);
        }
    }

    @Test
    void a_killed_jvm_leaves_containers_and_the_next_finds_them() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledNode.class.getName(),
                        dir.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String id = new String(child.getInputStream().readNBytes(64), StandardCharsets.UTF_8);
        child.destroyForcibly().waitFor();

        assertThat(node.runtime.containerStatus(id).orElseThrow().state()).isEqualTo(ContainerState.RUNNING);
        assertThat(new String(
                        node.runtime
                                .execSync(id, List.of("hostname"), Duration.ofSeconds(5))
                                .stdout(),
                        StandardCharsets.UTF_8))
                .isEqualTo("survivor\n");
        node.runtime.stopContainer(id, Duration.ofSeconds(5));
        assertThat(node.runtime.containerStatus(id).orElseThrow().exitCode()).isEqualTo(6);
        assertThat(log()).contains(" stdout F before").contains(" stdout F asked to stop");
    }

    @Test
    void many_pods_start_at_once() throws Exception {
        CountDownLatch done = new CountDownLatch(12);
        List<String> ids = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 12; i++) {
            String name = "many-" + i;
            node.environment.environment().tasks().start(name, () -> {
                try {
                    ids.add(node.run(node.sandbox(name), "true"));
                } finally {
                    done.countDown();
                }
            });
        }
        assertThat(done.await(30, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        assertThat(ids)
                .hasSize(12)
                .allSatisfy(id -> assertThat(exited(id).reason()).isEqualTo("Completed"));
    }

    @Test
    void the_image_decides_user_and_groups_and_privileges_are_few() throws Exception {
        String sandbox = node.sandbox("users");
        var c = TestNode.container(
                0,
                false,
                Map.of(),
                "sh",
                "-c",
                "id; grep CapEff /proc/self/status; mount -t tmpfs x /mnt || echo refused; grep Seccomp: /proc/self/status");
        String id = node.runtime.createContainer(sandbox, c);
        node.runtime.startContainer(id);
        exited(id);
        assertThat(log())
                .contains("uid=0(root) gid=0(root)")
                .containsPattern("CapEff:\\s+00000000a80425fb")
                .contains("refused")
                .containsPattern("Seccomp:\\s+2");
    }

    @Test
    void a_sandbox_has_settings_of_its_own_and_none_of_the_machine() throws Exception {
        String id = node.run(
                node.sandbox("tuned", Map.of("net/ipv4/tcp_syncookies", "0", "kernel.shm_rmid_forced", "1"), 0),
                "cat",
                "/proc/sys/net/ipv4/tcp_syncookies",
                "/proc/sys/kernel/shm_rmid_forced");
        exited(id);
        assertThat(log()).containsSubsequence(" stdout F 0", " stdout F 1");

        String before = Files.readString(Path.of("/proc/sys/kernel/core_pattern"));
        assertThatThrownBy(() -> node.sandbox("evil", Map.of("kernel.core_pattern", before.strip()), 0))
                .isInstanceOf(CriException.class)
                .hasMessageContaining("sysctl \"kernel.core_pattern\" is not in a separate kernel namespace");
        assertThat(node.runtime.listPodSandbox()).hasSize(1);
    }

    @Test
    void a_pod_that_forks_without_end_is_refused_and_its_neighbour_works() throws Exception {
        String sandbox = node.sandbox("bomb", Map.of(), 32);
        String bomb = node.run(sandbox, "sleep", "1000");
        String second = node.run(sandbox, "sleep", "1000");
        String neighbour = node.run(node.sandbox("neighbour"), "sleep", "1000");

        var fork = List.of("sh", "-c", "for i in $(seq 200); do sleep 1000 >/dev/null 2>&1 & done; echo all");
        var refused = node.runtime.execSync(bomb, fork, Duration.ofSeconds(30));
        assertThat(new String(refused.stderr(), StandardCharsets.UTF_8)).contains("can't fork");
        assertThat(new String(refused.stdout(), StandardCharsets.UTF_8)).doesNotContain("all");
        // The limit is the pod's, not each container's.
        long pids = node.runtime.containerStats(bomb).pids()
                + node.runtime.containerStats(second).pids();
        assertThat(pids).isBetween(16L, 32L);

        var works = node.runtime.execSync(neighbour, List.of("sh", "-c", "ls / | wc -l"), Duration.ofSeconds(30));
        assertThat(works.exitCode()).isZero();
        node.runtime.stopContainer(bomb, Duration.ZERO);
        assertThat(node.runtime.containerStatus(bomb).orElseThrow().state()).isEqualTo(ContainerState.EXITED);
    }

    @Test
    void other_users_of_the_host_reach_nothing_and_users_of_the_container_all_they_need() throws Exception {
        String sandbox = node.sandbox("private");
        String id = node.run(sandbox, "sleep", "1000");
        var inside = node.runtime.execSync(
                id,
                List.of("su", "-s", "/bin/sh", "nobody", "-c", "cat /etc/resolv.conf /etc/hostname && ls /"),
                Duration.ofSeconds(10));
        assertThat(new String(inside.stdout(), StandardCharsets.UTF_8)).contains("nameserver 10.96.0.10", "private");

        for (String closed : List.of("node", "images", "logs/main")) {
            assertThat(Files.getAttribute(dir.resolve(closed), "unix:mode"))
                    .as(closed)
                    .isEqualTo(040700);
        }
        for (String record : List.of(
                "node/containers/" + id + "/config.json",
                "node/containers/" + id + "/container.json",
                "node/sandboxes/" + sandbox + "/sandbox.json")) {
            assertThat(Files.getAttribute(dir.resolve(record), "unix:mode"))
                    .as(record)
                    .isEqualTo(0100600);
        }
    }

    @Test
    void stop_and_remove_are_idempotent_and_stats_count() throws Exception {
        String sandbox = node.sandbox("twice");
        String id = node.run(sandbox, "sleep", "1000");
        assertThat(node.runtime.containerStats(id).memoryUsageBytes()).isPositive();
        node.runtime.stopContainer(id, Duration.ZERO);
        node.runtime.stopContainer(id, Duration.ZERO);
        node.runtime.removeContainer(id);
        node.runtime.removeContainer(id);
        node.runtime.stopPodSandbox(sandbox);
        node.runtime.stopPodSandbox(sandbox);
        assertThat(node.runtime.podSandboxStatus(sandbox).orElseThrow().ready()).isFalse();
        node.runtime.removePodSandbox(sandbox);
        assertThat(node.runtime.listPodSandbox()).isEmpty();
    }
}
