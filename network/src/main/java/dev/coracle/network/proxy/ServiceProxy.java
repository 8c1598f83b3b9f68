package dev.coracle.network.proxy;

import dev.coracle.client.Client;
import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.HostCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the kernel's rules equal to Services and EndpointSlices, for all nodes at once. One task owns the rules: events
 * only mark a Service as changed, and whatever has gathered while a transaction ran goes into the next one.
 *
 * <p>A transaction that nft refuses is tried again in halves, until the Service that it refuses stands alone: it goes
 * without rules, and the others with theirs. Now and then the table is looked at, in case somebody has flushed it.
 */
public final class ServiceProxy implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("coracle.kube-proxy");
    private static final String BY_SERVICE = "kubernetes.io/service-name";
    private static final Duration RESYNC = Duration.ofSeconds(60);

    private final ServiceProxyConfig config;
    private final Environment environment;
    private final Informers informers;
    private final Informer services;
    private final Informer slices;
    private final Informer nodes;
    private final RuleSet rules;
    private final LoadBalancerAddresses balancer;
    private final HealthCheckPorts health = new HealthCheckPorts();
    private final CountDownLatch programmed = new CountDownLatch(1);

    /** Services that nft refuses, and what it says; the task's own. */
    private final Map<ObjectKey, String> refused = new HashMap<>();

    /** Guards {@code changed}, {@code all}, {@code resync} and {@code closed}. */
    private final Object lock = new Object();

    private Set<ObjectKey> changed = new LinkedHashSet<>();
    private boolean all = true;
    private boolean resync;
    private boolean closed;
    private Tasks.@Nullable Task task;
    private Timers.@Nullable Timer timer;

    public ServiceProxy(ServiceProxyConfig config, Client client, Informers informers, Environment environment) {
        this.config = config;
        this.environment = environment;
        this.informers = informers;
        this.services = informers.of(Resources.SERVICES);
        this.slices = informers.of(Resources.ENDPOINT_SLICES);
        this.nodes = informers.of(Resources.NODES);
        this.rules = new RuleSet(config.table());
        this.balancer = new LoadBalancerAddresses(config, client, services);
    }

    /** Registers with the informers, which may be started before or after, and begins to program the kernel. */
    public void start() {
        slices.index(BY_SERVICE, r -> List.of(serviceOf(r).toString()));
        services.handle((before, after) -> mark(before == null ? after : before, false));
        slices.handle((before, after) -> mark(before == null ? after : before, true));
        nodes.handle(this::markNode);
        task = environment.tasks().start("kube-proxy", this::run);
        timer = environment.timers().every(RESYNC, this::look);
    }

    private static ObjectKey serviceOf(Revision slice) {
        return new ObjectKey(slice.namespace(), slice.labels().getOrDefault(BY_SERVICE, ""));
    }

    private void mark(@Nullable Revision of, boolean slice) {
        if (of != null) {
            synchronized (lock) {
                changed.add(slice ? serviceOf(of) : of.key());
                lock.notifyAll();
            }
        }
    }

    /** What it reports every few seconds is nothing to the rules. */
    private void markNode(@Nullable Revision before, @Nullable Revision after) {
        if (!node(before).equals(node(after))) {
            synchronized (lock) {
                services.list().forEach(s -> changed.add(s.key()));
                lock.notifyAll();
            }
        }
    }

    private static Optional<ProxiedNode> node(@Nullable Revision r) {
        return r == null ? Optional.empty() : ProxiedNode.of(r.object());
    }

    private void look() {
        synchronized (lock) {
            resync = true;
            lock.notifyAll();
        }
    }

    /** Waits until the rules of everything that existed at the start are in the kernel. */
    public boolean awaitProgrammed(Duration timeout) throws InterruptedException {
        return programmed.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void run() {
        try {
            while (!(services.synced() && slices.synced() && nodes.synced())) {
                // Rules from half a list would cut Services off that worked before a restart.
                if (!informers.awaitSync(Duration.ofSeconds(1))) {
                    environment.sleep(Duration.ofMillis(10));
                }
            }
            while (turn()) {
                programmed.countDown();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for changes and applies them. @return false when closed */
    private boolean turn() throws InterruptedException {
        Set<ObjectKey> batch;
        boolean rebuild;
        boolean look;
        synchronized (lock) {
            while (changed.isEmpty() && !all && !resync && !closed) {
                lock.wait();
            }
            if (closed) {
                return false;
            }
            batch = changed;
            changed = new LinkedHashSet<>();
            rebuild = all;
            all = false;
            look = resync;
            resync = false;
        }
        try {
            if (look) {
                // What was refused may have been in the way of something that is gone.
                batch.addAll(refused.keySet());
                batch.addAll(health.failed());
                rebuild |= flushed();
            }
            apply(batch, rebuild);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "Failed to execute nft, will build the rules anew: " + e.getMessage());
            environment.sleep(Duration.ofMillis(500));
            synchronized (lock) {
                all = true;
            }
        }
        return true;
    }

    private boolean flushed() {
        HostCommand.Result listed = HostCommand.run("nft", "list table ip " + config.table());
        if (listed.ok() && rules.matches(listed.output())) {
            return false;
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "The rules are not what they were, somebody changed them: builds them anew");
        return true;
    }

    private void apply(Set<ObjectKey> batch, boolean rebuild) {
        Set<ObjectKey> keys = new LinkedHashSet<>(batch);
        if (rebuild) {
            services.list().forEach(s -> keys.add(s.key()));
            rebuild(List.copyOf(keys));
        } else {
            change(List.copyOf(keys));
        }
        List<ProxiedNode> known = known();
        for (ObjectKey key : keys) {
            balance(key);
            health.reconcile(key, object(key), slicesOf(key), known);
        }
    }

    private void rebuild(List<ObjectKey> keys) {
        try {
            transact(keys, rules.reset(config));
        } catch (IllegalStateException e) {
            // Without any Service it must work, or nft does not at all.
            transact(List.of(), rules.reset(config));
            change(keys);
        }
    }

    /** Halves what is refused until it is clear who is at fault. */
    private void change(List<ObjectKey> keys) {
        try {
            transact(keys, "");
        } catch (IllegalStateException e) {
            rules.rollback();
            if (keys.size() > 1) {
                change(keys.subList(0, keys.size() / 2));
                change(keys.subList(keys.size() / 2, keys.size()));
            } else {
                refuse(keys.getFirst(), String.valueOf(e.getMessage()));
            }
        }
    }

    private void refuse(ObjectKey key, String why) {
        if (flushed()) {
            throw new IllegalStateException(why);
        }
        if (!why.equals(refused.put(key, why))) {
            LOG.log(System.Logger.Level.ERROR, "Service " + key + " is left out: " + why);
        }
    }

    private void transact(List<ObjectKey> keys, String first) {
        StringBuilder script = new StringBuilder(first);
        List<Rules.Datagram> gone = new ArrayList<>();
        rules.begin();
        List<ProxiedNode> known = known();
        for (ObjectKey key : keys) {
            List<Rules.Datagram> before = rules.of(key).datagram();
            Rules wanted = Rules.of(object(key), slicesOf(key), known, config.reservedIps());
            before.stream().filter(d -> !wanted.datagram().contains(d)).forEach(gone::add);
            rules.change(key, wanted, script);
        }
        if (!script.isEmpty()) {
            HostCommand.nft(script.toString());
        }
        keys.forEach(refused::remove);
        // A UDP "connection" has no end that the kernel could see: clients would talk to the dead address on and on.
        for (Rules.Datagram d : gone) {
            HostCommand.run("conntrack", "-D", "-p", "udp", "--orig-dst", d.address(), "--reply-src", d.endpoint());
        }
    }

    private List<ProxiedNode> known() {
        return nodes.list().stream()
                .flatMap(r -> node(r).stream())
                .sorted(Comparator.comparing(ProxiedNode::name))
                .toList();
    }

    private void balance(ObjectKey key) {
        try {
            balancer.reconcile(key, object(key));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "Error syncing load balancer of " + key + ": " + e.getMessage());
            environment.timers().schedule(Duration.ofSeconds(1), () -> {
                synchronized (lock) {
                    changed.add(key);
                    lock.notifyAll();
                }
            });
        }
    }

    private @Nullable Unstructured object(ObjectKey key) {
        return services.get(key).map(Revision::object).orElse(null);
    }

    private List<Unstructured> slicesOf(ObjectKey key) {
        return slices.byIndex(BY_SERVICE, key.toString()).stream()
                .map(Revision::object)
                .toList();
    }

    /** Stops programming and removes the rules and the load balancer addresses. */
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
            balancer.close();
            health.close();
            String table = "table ip " + config.table();
            HostCommand.run(table + "\ndelete " + table + "\n", List.of("nft", "-f", "-"));
        }
    }
}
