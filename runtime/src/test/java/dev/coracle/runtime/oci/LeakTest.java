package dev.coracle.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.machinery.os.Mounts;
import dev.coracle.runtime.RuntimeService.ContainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many pods made and removed, several at a time, leave nothing. {@code -Dcoracle.leak.pods=300} makes more of them than
 * a usual build has the time for.
 */
class LeakTest {
    private static final int PODS = Integer.getInteger("coracle.leak.pods", 60);
    private static final int AT_ONCE = 6;

    @TempDir
    Path dir;

    /** What a node has of the machine. */
    private record Belongings(
            Set<String> mounts,
            Set<String> cgroups,
            List<Long> processes,
            Set<String> threads,
            Set<String> files,
            Set<String> namespaces) {}

    private Belongings belongings(TestNode node) throws IOException {
        Set<String> files;
        try (Stream<Path> all = Files.walk(dir)) {
            files = all.filter(f -> !f.startsWith(dir.resolve("images")))
                    .map(Path::toString)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
        Set<String> threads = Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                // The JDK's own come and go as it likes.
                .filter(n -> List.of("attach", "exec", "namespace", "process-end").stream()
                        .anyMatch(n::startsWith))
                .collect(Collectors.toCollection(TreeSet::new));
        return new Belongings(
                new TreeSet<>(Mounts.under(dir).stream().map(Path::toString).toList()),
                node.cgroups(),
                node.processes(),
                threads,
                files,
                new TreeSet<>(Containers.names(Path.of("/run/netns"))));
    }

    /** How many pipes, terminals, processes and files of the node this process holds open. */
    private Map<String, Long> openFiles() throws IOException {
        Map<String, Long> open = new TreeMap<>();
        for (String number : Containers.names(Path.of("/proc/self/fd"))) {
            String what;
            try {
                what = Files.readSymbolicLink(Path.of("/proc/self/fd", number)).toString();
            } catch (NoSuchFileException e) {
                continue;
            }
            for (String kind : List.of("pipe:", "/dev/pt", "anon_inode:[pidfd]", "socket:", dir.toString())) {
                if (what.startsWith(kind)) {
                    open.merge(kind, 1L, Long::sum);
                }
            }
        }
        return open;
    }

    private static void life(TestNode node, int number) throws InterruptedException {
        String sandbox = node.sandbox("pod-" + number);
        if (number % 5 == 0) {
            // One that ends by itself.
            node.exited(node.run(sandbox, "true"));
        } else {
            String id = node.run(sandbox, "sleep", "1000");
            if (number % 5 == 1) {
                node.runtime.execSync(id, List.of("true"), Duration.ofSeconds(30));
            } else if (number % 5 == 2) {
                try (var session = node.runtime.exec(id, List.of("cat"), true, true)) {
                    session.resize(80, 25);
                }
            } else if (number % 5 == 3) {
                try (var session = node.runtime.attach(id, false)) {
                    session.resize(80, 25);
                }
            }
            assertThat(node.runtime.containerStatus(id).orElseThrow().state()).isEqualTo(ContainerState.RUNNING);
        }
        node.runtime.stopPodSandbox(sandbox);
        node.runtime.removePodSandbox(sandbox);
    }

    @Test
    void many_pods_leave_nothing() throws Exception {
        TestNode node = new TestNode(dir);
        // The first makes what stays for all: the node's directories and cgroup.
        for (int i = 0; i < 5; i++) {
            life(node, i);
        }
        await().untilAsserted(() -> {
            assertThat(node.processes()).isEmpty();
            assertThat(openFiles()).doesNotContainKeys("/dev/pt", "anon_inode:[pidfd]");
        });
        Belongings before = belongings(node);
        Map<String, Long> open = openFiles();

        AtomicInteger next = new AtomicInteger();
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        CountDownLatch done = new CountDownLatch(AT_ONCE);
        for (int i = 0; i < AT_ONCE; i++) {
            node.environment.environment().tasks().start("lives", () -> {
                try {
                    for (int n = next.getAndIncrement(); n < PODS; n = next.getAndIncrement()) {
                        life(node, n);
                    }
                } catch (Throwable t) {
                    failures.add(t);
                } finally {
                    done.countDown();
                }
            });
        }
        done.await();
        assertThat(failures).isEmpty();
        // conmons end a moment after their containers. All pods here share one log, which is the kubelet's to remove.
        await().untilAsserted(() -> assertThat(belongings(node)).isEqualTo(before));
        await().untilAsserted(() -> assertThat(openFiles()).isEqualTo(open));
        node.closeAndFindNothing();
    }
}
