package dev.coracle.network.policy;

import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.network.ChangeLoop;
import dev.coracle.network.HostCommand;
import dev.coracle.network.Listing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the kernel's table equal to NetworkPolicies and the pods they select. One task owns it; what has gathered while a
 * transaction ran goes into the next one. The table stays when this is closed, for pods may live on;
 * {@link dev.coracle.network.HostNetwork#down} takes it away.
 */
public final class PolicyEnforcer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("coracle.networkpolicy");
    /** Without it the kernel asks nobody about what goes from one pod on a bridge to another. */
    private static final Path BRIDGED = Path.of("/proc/sys/net/bridge/bridge-nf-call-iptables");

    private final PolicyConfig config;
    private final Informer namespaces;
    private final Informer pods;
    private final Informer policies;
    private final ChangeLoop<Mark> loop;

    /** The task's own, as all that follows. */
    private KernelTable table;

    private PolicyModel model;

    /** Whether to begin with an empty model: at first, and where a failure may have left half a change in this one. */
    private boolean anew = true;

    /** Whether the kernel has the table; without a policy it needs none. */
    private boolean present;

    /** Policies that are left out, and why. */
    private final Map<ObjectKey, String> refused = new HashMap<>();

    private record Mark(GroupVersionResource resource, ObjectKey key) {}

    public PolicyEnforcer(PolicyConfig config, Informers informers, Environment environment) {
        this.config = config;
        this.namespaces = informers.of(Resources.NAMESPACES);
        this.pods = informers.of(Resources.PODS);
        this.policies = informers.of(Resources.NETWORK_POLICIES);
        this.table = new KernelTable(config);
        this.model = new PolicyModel(table);
        this.loop = new ChangeLoop<>(
                "networkpolicy", environment, informers, List.of(namespaces, policies, pods), this::apply);
    }

    /** Registers with the informers, which may be started before or after. */
    public void start() {
        namespaces.handle((before, after) -> mark(Resources.NAMESPACES, key(before, after)));
        policies.handle((before, after) -> mark(Resources.NETWORK_POLICIES, key(before, after)));
        pods.handle((before, after) -> {
            // Most of what pods report is nothing to policies.
            if (!facts(before).equals(facts(after))) {
                mark(Resources.PODS, key(before, after));
            }
        });
        loop.start();
    }

    private void mark(GroupVersionResource resource, ObjectKey key) {
        loop.mark(List.of(new Mark(resource, key)));
    }

    private static ObjectKey key(@Nullable Revision before, @Nullable Revision after) {
        return Objects.requireNonNull(after == null ? before : after).key();
    }

    private static Optional<PolicyPod> facts(@Nullable Revision pod) {
        return pod == null ? Optional.empty() : PolicyPod.of(pod.object());
    }

    private void apply(Set<Mark> changed, boolean look) {
        boolean fresh = anew;
        anew = true;
        if (fresh) {
            begin();
        }
        Set<ObjectKey> of = fresh ? keys(namespaces) : keys(changed, Resources.NAMESPACES);
        for (ObjectKey n : of) {
            model.namespace(
                    n.name(),
                    namespaces.get(n).map(Revision::labels).map(Map::copyOf).orElse(null));
        }
        of = fresh ? keys(policies) : keys(changed, Resources.NETWORK_POLICIES);
        of.forEach(p -> model.policy(p, read(p)));
        of = fresh ? keys(pods) : keys(changed, Resources.PODS);
        of.forEach(p -> model.pod(p, facts(pods.get(p).orElse(null))));
        if (look && present && flushed()) {
            table.reset();
        }
        program();
        anew = false;
    }

    private static Set<ObjectKey> keys(Informer all) {
        return keys(all.list().stream().map(Revision::key));
    }

    private static Set<ObjectKey> keys(Set<Mark> changed, GroupVersionResource resource) {
        return keys(changed.stream().filter(m -> m.resource().equals(resource)).map(Mark::key));
    }

    private static Set<ObjectKey> keys(Stream<ObjectKey> keys) {
        return keys.collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private void begin() {
        if (!present) {
            // Of a process that was killed; the next policy makes it anew.
            String name = "table ip " + config.table();
            HostCommand.run(name + "\ndelete " + name + "\n", List.of("nft", "-f", "-"));
        }
        table = new KernelTable(config);
        model = new PolicyModel(table);
        PolicyPod dns = PolicyPod.dns(config.dnsIp());
        model.pod(dns.key(), Optional.of(dns));
    }

    /** Null where there is none, or none that can be understood. */
    private @Nullable Policy read(ObjectKey key) {
        try {
            Policy policy = policies.get(key).map(r -> Policy.of(r.object())).orElse(null);
            refused.remove(key);
            return policy;
        } catch (RuntimeException e) {
            leaveOut(key, String.valueOf(e.getMessage()));
            return null;
        }
    }

    private void leaveOut(ObjectKey key, String why) {
        if (!why.equals(refused.put(key, why))) {
            LOG.log(System.Logger.Level.ERROR, "NetworkPolicy " + key + " is left out: " + why);
        }
    }

    private void program() {
        if (!present && model.isEmpty()) {
            return;
        }
        try {
            send();
        } catch (IllegalStateException e) {
            LOG.log(System.Logger.Level.WARNING, "Builds the rules anew, since nft refused: " + e.getMessage());
            table.reset();
            sift();
            send();
        }
    }

    private void send() {
        String script = table.script();
        if (!script.isEmpty()) {
            HostCommand.nft(script);
            if (!present && !Files.exists(BRIDGED)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "NetworkPolicies do not hold between pods of one node: load the kernel's module br_netfilter");
            }
            present = true;
        }
        table.done();
    }

    /** Leaves out the policies that nft does not take, which it is asked without changing anything. */
    private void sift() {
        Optional<String> nothing = refusal(List.of());
        if (nothing.isPresent()) {
            throw new IllegalStateException(nothing.get());
        }
        sift(model.policies());
    }

    private void sift(List<Policy> some) {
        Optional<String> refusal = refusal(some);
        if (refusal.isPresent() && some.size() == 1) {
            leaveOut(some.getFirst().key(), refusal.get());
            model.policy(some.getFirst().key(), null);
        } else if (refusal.isPresent()) {
            sift(some.subList(0, some.size() / 2));
            sift(some.subList(some.size() / 2, some.size()));
        }
    }

    private Optional<String> refusal(List<Policy> some) {
        var apart = new KernelTable(config);
        var only = new PolicyModel(apart);
        some.forEach(p -> only.policy(p.key(), p));
        HostCommand.Result checked = HostCommand.run(apart.script(), List.of("nft", "-c", "-f", "-"));
        return checked.ok() ? Optional.empty() : Optional.of(checked.output().strip());
    }

    private boolean flushed() {
        if (Listing.ofTable(config.table()).filter(table::matches).isPresent()) {
            return false;
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "The rules are not what they were, somebody changed them: builds them anew");
        return true;
    }

    @Override
    public void close() {
        loop.close();
    }
}
