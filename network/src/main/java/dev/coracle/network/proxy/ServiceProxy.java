package dev.coracle.network.proxy;

import dev.coracle.client.Client;
import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.HostCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the kernel's rules equal to Services and EndpointSlices, for all nodes at once. One task owns the rules: events
 * only mark a Service as changed, and whatever has gathered while a transaction ran goes into the next one.
 */
public final class ServiceProxy implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("coracle.kube-proxy");
    private static final String BY_SERVICE = "kubernetes.io/service-name";

    private final ServiceProxyConfig config;
    private final Environment environment;
    private final Informers informers;
    private final Informer services;
    private final Informer slices;
    private final RuleSet rules;
    private final LoadBalancerAddresses balancer;
    private final CountDownLatch programmed = new CountDownLatch(1);

    /** Guards {@code changed}, {@code all} and {@code closed}. */
    private final Object lock = new Object();

    private Set<ObjectKey> changed = new LinkedHashSet<>();
    private boolean all = true;
    private boolean closed;
    private Tasks.@Nullable Task task;

    public ServiceProxy(ServiceProxyConfig config, Client client, Informers informers, Environment environment) {
        this.config = config;
        this.environment = environment;
        this.informers = informers;
        this.services = informers.of(Resources.SERVICES);
        this.slices = informers.of(Resources.ENDPOINT_SLICES);
        this.rules = new RuleSet(config.table());
        this.balancer = new LoadBalancerAddresses(config, client, services);
    }

    /** Registers with the informers, which may be started before or after, and begins to program the kernel. */
    public void start() {
        slices.index(BY_SERVICE, r -> List.of(serviceOf(r).toString()));
        services.handle((before, after) -> mark(before == null ? after : before, false));
        slices.handle((before, after) -> mark(before == null ? after : before, true));
        task = environment.tasks().start("kube-proxy", this::run);
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

    /** Waits until the rules of everything that existed at the start are in the kernel. */
    public boolean awaitProgrammed(Duration timeout) throws InterruptedException {
        return programmed.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void run() {
        try {
            while (!(services.synced() && slices.synced())) {
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
        synchronized (lock) {
            while (changed.isEmpty() && !all && !closed) {
                lock.wait();
            }
            if (closed) {
                return false;
            }
            batch = changed;
            changed = new LinkedHashSet<>();
            rebuild = all;
            all = false;
        }
        try {
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

    private void apply(Set<ObjectKey> batch, boolean rebuild) {
        StringBuilder script = new StringBuilder();
        Set<ObjectKey> keys = new LinkedHashSet<>(batch);
        if (rebuild) {
            script.append(rules.reset(config));
            services.list().forEach(s -> keys.add(s.key()));
        }
        List<Rules.Datagram> gone = new ArrayList<>();
        for (ObjectKey key : keys) {
            List<Rules.Datagram> before = rules.of(key).datagram();
            Rules wanted = Rules.of(object(key), slicesOf(key), config.reservedIps());
            before.stream().filter(d -> !wanted.datagram().contains(d)).forEach(gone::add);
            rules.change(key, wanted, script);
        }
        if (!script.isEmpty()) {
            HostCommand.nft(script.toString());
        }
        // A UDP "connection" has no end that the kernel could see: clients would talk to the dead address on and on.
        for (Rules.Datagram d : gone) {
            HostCommand.run("conntrack", "-D", "-p", "udp", "--orig-dst", d.address(), "--reply-src", d.endpoint());
        }
        for (ObjectKey key : keys) {
            balance(key);
        }
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
            String table = "table ip " + config.table();
            HostCommand.run(table + "\ndelete " + table + "\n", List.of("nft", "-f", "-"));
        }
    }
}
