package dev.coracle.network.policy;

import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.network.HostCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the kernel's table equal to NetworkPolicies and the pods they select. One task owns it; what has gathered while a
 * transaction ran goes into the next one. The table stays when this is closed, for pods may live on;
 * {@link dev.coracle.network.HostNetwork#down} takes it away.
 */
public final class PolicyEnforcer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("coracle.networkpolicy");
    private static final Duration RESYNC = Duration.ofSeconds(60);
    /** Without it the kernel asks nobody about what goes from one pod on a bridge to another. */
    private static final Path BRIDGED = Path.of("/proc/sys/net/bridge/bridge-nf-call-iptables");

    private static final Duration PAUSE = Duration.ofMillis(500);

    private final PolicyConfig config;
    private final Environment environment;
    private final Informers informers;
    private final Informer namespaces;
    private final Informer pods;
    private final Informer policies;
    private final KernelTable table;
    private final PolicyModel model;

    /** Whether the kernel has the table; without a policy it needs none. The task's own. */
    private boolean present;

    /** Guards what follows. */
    private final Object lock = new Object();

    private Changes changes = new Changes();
    private boolean closed;
    private Tasks.@Nullable Task task;
    private Timers.@Nullable Timer timer;

    /** What has gathered. */
    private static final class Changes {
        private final Set<ObjectKey> namespaces = new LinkedHashSet<>();
        private final Set<ObjectKey> policies = new LinkedHashSet<>();
        private final Set<ObjectKey> pods = new LinkedHashSet<>();
        private boolean look;

        boolean isEmpty() {
            return namespaces.isEmpty() && policies.isEmpty() && pods.isEmpty() && !look;
        }
    }

    public PolicyEnforcer(PolicyConfig config, Informers informers, Environment environment) {
        this.config = config;
        this.environment = environment;
        this.informers = informers;
        this.namespaces = informers.of(Resources.NAMESPACES);
        this.pods = informers.of(Resources.PODS);
        this.policies = informers.of(Resources.NETWORK_POLICIES);
        this.table = new KernelTable(config);
        this.model = new PolicyModel(table);
    }

    /** Registers with the informers, which may be started before or after. */
    public void start() {
        namespaces.handle((before, after) -> mark(c -> c.namespaces.add(key(before, after))));
        policies.handle((before, after) -> mark(c -> c.policies.add(key(before, after))));
        pods.handle((before, after) -> {
            // Most of what pods report is nothing to policies.
            if (!facts(before).equals(facts(after))) {
                mark(c -> c.pods.add(key(before, after)));
            }
        });
        task = environment.tasks().start("networkpolicy", this::run);
        timer = environment.timers().every(RESYNC, () -> mark(c -> c.look = true));
    }

    private static ObjectKey key(@Nullable Revision before, @Nullable Revision after) {
        return Objects.requireNonNull(after == null ? before : after).key();
    }

    private static Optional<PolicyPod> facts(@Nullable Revision pod) {
        return pod == null ? Optional.empty() : PolicyPod.of(pod.object());
    }

    private void mark(Consumer<Changes> what) {
        synchronized (lock) {
            what.accept(changes);
            lock.notifyAll();
        }
    }

    private void run() {
        try {
            while (!(namespaces.synced() && policies.synced() && pods.synced())) {
                if (!informers.awaitSync(Duration.ofSeconds(1))) {
                    environment.sleep(Duration.ofMillis(10));
                }
            }
            PolicyPod dns = PolicyPod.dns(config.dnsIp());
            model.pod(dns.key(), Optional.of(dns));
            // Of a process that was killed; the next policy makes it anew.
            HostCommand.run(gone(), List.of("nft", "-f", "-"));
            for (Changes batch = await(); batch != null; batch = await()) {
                apply(batch);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String gone() {
        String name = "table ip " + config.table();
        return name + "\ndelete " + name + "\n";
    }

    private @Nullable Changes await() throws InterruptedException {
        synchronized (lock) {
            while (changes.isEmpty() && !closed) {
                lock.wait();
            }
            Changes batch = changes;
            changes = new Changes();
            return closed ? null : batch;
        }
    }

    private void apply(Changes batch) {
        for (ObjectKey n : batch.namespaces) {
            model.namespace(
                    n.name(),
                    namespaces.get(n).map(Revision::labels).map(Map::copyOf).orElse(null));
        }
        batch.policies.forEach(this::read);
        for (ObjectKey p : batch.pods) {
            model.pod(p, facts(pods.get(p).orElse(null)));
        }
        if (batch.look && present && flushed()) {
            table.reset();
        }
        program();
    }

    private void read(ObjectKey key) {
        Policy policy = null;
        try {
            policy = policies.get(key).map(r -> Policy.of(r.object())).orElse(null);
        } catch (IllegalArgumentException e) {
            LOG.log(System.Logger.Level.ERROR, "NetworkPolicy " + key + " is left out: " + e.getMessage());
        }
        model.policy(key, policy);
    }

    private void program() {
        if (!present && model.isEmpty()) {
            return;
        }
        String script = table.script();
        if (script.isEmpty()) {
            table.done();
            return;
        }
        try {
            HostCommand.nft(script);
            table.done();
            if (!present && !Files.exists(BRIDGED)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "NetworkPolicies do not hold between pods of one node: load the kernel's module br_netfilter");
            }
            present = true;
        } catch (IllegalStateException e) {
            LOG.log(System.Logger.Level.ERROR, "Failed to execute nft, will build the rules anew: " + e.getMessage());
            table.reset();
            environment.timers().schedule(PAUSE, () -> mark(c -> c.look = true));
        }
    }

    private boolean flushed() {
        HostCommand.Result listed = HostCommand.run("nft", "list table ip " + config.table());
        if (listed.ok() && table.matches(listed.output())) {
            return false;
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "The rules are not what they were, somebody changed them: builds them anew");
        return true;
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
        if (timer != null) {
            timer.cancel();
        }
        Tasks.Task running = task;
        if (running != null) {
            try {
                // Not interrupted at once: a transaction that runs takes milliseconds.
                if (!running.join(Duration.ofSeconds(2))) {
                    running.interrupt();
                    running.join(Duration.ofSeconds(2));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
