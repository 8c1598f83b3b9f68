package dev.coracle.network.proxy;

import dev.coracle.client.Client;
import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.ChangeLoop;
import dev.coracle.network.HostCommand;
import dev.coracle.network.Listing;
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

    private final ServiceProxyConfig config;
    private final Environment environment;
    private final Informer services;
    private final Informer slices;
    private final Informer nodes;
    private final RuleSet rules;
    private final LoadBalancerAddresses balancer;
    private final HealthCheckPorts health = new HealthCheckPorts();
    private final CountDownLatch programmed = new CountDownLatch(1);

    /** Services that nft refuses, and what it says; the task's own. */
    private final Map<ObjectKey, String> refused = new HashMap<>();

    /** Whether it is unknown what the kernel has, as before the first transaction and after a failure; the task's own. */
    private boolean anew = true;

    private final ChangeLoop<ObjectKey> loop;

    public ServiceProxy(ServiceProxyConfig config, Client client, Informers informers, Environment environment) {
        this.config = config;
        this.environment = environment;
        this.services = informers.of(Resources.SERVICES);
        this.slices = informers.of(Resources.ENDPOINT_SLICES);
        this.nodes = informers.of(Resources.NODES);
        this.rules = new RuleSet(config.table());
        this.balancer = new LoadBalancerAddresses(config, client, services);
        this.loop =
                new ChangeLoop<>("kube-proxy", environment, informers, List.of(services, slices, nodes), this::apply);
    }

    /** Registers with the informers, which may be started before or after, and begins to program the kernel. */
    public void start() {
        slices.index(BY_SERVICE, r -> List.of(serviceOf(r).toString()));
        services.handle((before, after) -> mark(before == null ? after : before, false));
        slices.handle((before, after) -> mark(before == null ? after : before, true));
        nodes.handle(this::markNode);
        loop.start();
    }

    private static ObjectKey serviceOf(Revision slice) {
        return new ObjectKey(slice.namespace(), slice.labels().getOrDefault(BY_SERVICE, ""));
    }

    private void mark(@Nullable Revision of, boolean slice) {
        if (of != null) {
            loop.mark(List.of(slice ? serviceOf(of) : of.key()));
        }
    }

    /** What it reports every few seconds is nothing to the rules. */
    private void markNode(@Nullable Revision before, @Nullable Revision after) {
        if (!node(before).equals(node(after))) {
            loop.mark(services.list().stream().map(Revision::key).toList());
        }
    }

    private static Optional<ProxiedNode> node(@Nullable Revision r) {
        return r == null ? Optional.empty() : ProxiedNode.of(r.object());
    }

    /** Waits until the rules of everything that existed at the start are in the kernel. */
    public boolean awaitProgrammed(Duration timeout) throws InterruptedException {
        return programmed.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void apply(Set<ObjectKey> changed, boolean look) {
        Set<ObjectKey> keys = new LinkedHashSet<>(changed);
        if (look) {
            // What was refused may have been in the way of something that is gone.
            keys.addAll(refused.keySet());
            keys.addAll(health.failed());
        }
        boolean rebuild = anew || look && flushed();
        anew = true;
        if (rebuild) {
            services.list().forEach(s -> keys.add(s.key()));
            rebuild(List.copyOf(keys));
        } else if (!keys.isEmpty()) {
            change(List.copyOf(keys));
        }
        List<ProxiedNode> known = known();
        for (ObjectKey key : keys) {
            balance(key);
            health.reconcile(key, object(key), slicesOf(key), known);
        }
        anew = false;
        programmed.countDown();
    }

    private boolean flushed() {
        if (Listing.ofTable(config.table()).filter(rules::matches).isPresent()) {
            return false;
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "The rules are not what they were, somebody changed them: builds them anew");
        return true;
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
            List<String> forget = new ArrayList<>(List.of("conntrack", "-D", "-p", "udp"));
            forget.addAll(d.flows());
            HostCommand.run("", forget);
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
            environment.timers().schedule(Duration.ofSeconds(1), () -> loop.mark(List.of(key)));
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
        loop.close();
        if (loop.started()) {
            balancer.close();
            health.close();
            String table = "table ip " + config.table();
            HostCommand.run(table + "\ndelete " + table + "\n", List.of("nft", "-f", "-"));
        }
    }
}
