package dev.coracle.kubelet.admission;

import dev.coracle.kubelet.container.Sysctls;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import dev.coracle.machinery.selector.NodeChoice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Who has what of the node. A pod is judged once, before anything of it is made, against those that are in; then it is in
 * until it is over. Thread-safe: of two that want the same port, the one that came first has it,
 * whichever asks first.
 */
public final class Admission {
    /** Upstream counts these first, in this order, whatever the pod asks for. */
    private static final List<String> FIRST = List.of("cpu", "memory", "ephemeral-storage");

    /** Taints that only keep others away are the scheduler's: who is here by name may stay. */
    private static final Set<String> EXPELLING = Set.of("NoExecute");

    private final Supplier<Unstructured> node;
    private final Map<String, Claim> admitted = new LinkedHashMap<>();
    /** Not judged yet, in the order they came. */
    private final LinkedHashMap<String, Unstructured> waiting = new LinkedHashMap<>();
    /** Judged with one that came later and asked earlier; not told yet. */
    private final Map<String, Refusal> refused = new HashMap<>();

    /** Pods that are in and want other amounts, and do not get them yet. */
    private final Map<String, Wish> wishes = new HashMap<>();

    private long asked;

    /** @param node the Node object as the API server has it, fresh */
    public Admission(Supplier<Unstructured> node) {
        this.node = node;
    }

    /** Takes for granted a pod that an earlier life of the kubelet let in: it may run already. */
    public synchronized void readmit(Unstructured pod) {
        admitted.putIfAbsent(pod.uid(), Claim.of(pod));
    }

    /** A pod has come and will ask to be let in: who came before it is judged before it. */
    public synchronized void expect(Unstructured pod) {
        if (!admitted.containsKey(pod.uid())) {
            waiting.putIfAbsent(pod.uid(), pod);
        }
    }

    /** Lets the pod in, if it is not in yet, or says why not. */
    public Optional<Refusal> admit(Unstructured pod) {
        if (isIn(pod.uid())) {
            return Optional.empty();
        }
        Unstructured fresh = node.get();
        synchronized (this) {
            if (!admitted.containsKey(pod.uid()) && !refused.containsKey(pod.uid())) {
                waiting.put(pod.uid(), pod);
                judgeUntil(pod.uid(), fresh);
            }
            return Optional.ofNullable(refused.remove(pod.uid()));
        }
    }

    /**
     * Gives a pod that is in what it asks for now, instead of what it has, or says why not: {@code Infeasible} if the
     * node is too small for it, {@code Deferred} while others have what it lacks. Of several that wait, the first in the
     * order of {@link Wish} is served first, whichever asks.
     *
     * @param again called when it is worth to ask again
     */
    public Optional<Refusal> resize(Unstructured pod, Runnable again) {
        Unstructured fresh = node.get();
        List<Runnable> served = new ArrayList<>();
        Optional<Refusal> answer = Optional.empty();
        synchronized (this) {
            Wish before = wishes.get(pod.uid());
            Claim claim = Claim.of(pod);
            Claim has = admitted.getOrDefault(pod.uid(), claim);
            wishes.put(pod.uid(), new Wish(pod, claim, has, before == null ? asked++ : before.since(), again));
            for (Wish wish : wishes.values().stream().sorted().toList()) {
                String uid = wish.pod().uid();
                Optional<Refusal> refusal = refusal(uid, wish.wanted(), fresh);
                if (refusal.isEmpty()) {
                    admitted.put(uid, wish.wanted());
                }
                boolean waits =
                        refusal.filter(r -> r.reason().equals(Refusal.DEFERRED)).isPresent();
                if (!waits) {
                    wishes.remove(uid);
                }
                if (uid.equals(pod.uid())) {
                    answer = refusal;
                } else if (!waits) {
                    served.add(wish.again());
                }
            }
        }
        served.forEach(Runnable::run);
        return answer;
    }

    private Optional<Refusal> refusal(String uid, Claim wanted, Unstructured fresh) {
        // As upstream: where both are too much, memory is what is told.
        for (String resource : List.of("memory", "cpu")) {
            long capacity = Claim.units(
                    resource, Quantity.of(fresh.strings("status", "allocatable").getOrDefault(resource, "0")));
            if (wanted.amount(resource) > capacity) {
                return Optional.of(new Refusal(
                        Refusal.INFEASIBLE,
                        "Node didn't have enough capacity: %s, requested: %d, capacity: %d"
                                .formatted(resource, wanted.amount(resource), capacity)));
            }
        }
        Map<String, Claim> others = new LinkedHashMap<>(admitted);
        others.remove(uid);
        return lacking(wanted, fresh, others.values()).map(r -> new Refusal(Refusal.DEFERRED, r.message()));
    }

    /** The pod is content with what it has. */
    public synchronized void withdraw(String uid) {
        wishes.remove(uid);
    }

    private void judgeUntil(String uid, Unstructured fresh) {
        while (waiting.containsKey(uid)) {
            Unstructured next = waiting.pollFirstEntry().getValue();
            Claim claim = Claim.of(next);
            judge(next, claim, fresh)
                    .ifPresentOrElse(r -> refused.put(next.uid(), r), () -> admitted.put(next.uid(), claim));
        }
    }

    private synchronized boolean isIn(String uid) {
        return admitted.containsKey(uid);
    }

    /** The pod is over, or gone from the API: others may have what it had. */
    public void release(String uid) {
        List<Runnable> hopeful = new ArrayList<>();
        synchronized (this) {
            waiting.remove(uid);
            refused.remove(uid);
            wishes.remove(uid);
            if (admitted.remove(uid) != null) {
                wishes.values().stream().sorted().map(Wish::again).forEach(hopeful::add);
            }
        }
        hopeful.forEach(Runnable::run);
    }

    /** The first that objects has the word, in upstream's order. */
    private Optional<Refusal> judge(Unstructured pod, Claim claim, Unstructured fresh) {
        Optional<String> sysctl = Sysctls.refusal(pod);
        if (sysctl.isPresent()) {
            return sysctl.map(why -> new Refusal(Sysctls.FORBIDDEN, why));
        }
        String os = pod.string("spec", "os", "name");
        if (!os.isEmpty() && !os.equals("linux")) {
            return Optional.of(
                    new Refusal("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS"));
        }
        Optional<Refusal> lacking = lacking(claim, fresh, admitted.values());
        if (lacking.isPresent()) {
            return lacking;
        }
        if (!NodeChoice.selects(pod.object("spec"), fresh)) {
            return Optional.of(Refusal.predicate("NodeAffinity", "node(s) didn't match Pod's node affinity/selector"));
        }
        if (admitted.values().stream().anyMatch(claim::conflicts)) {
            return Optional.of(
                    Refusal.predicate("NodePorts", "node(s) didn't have free ports for the requested pod ports"));
        }
        if (!NodeChoice.tolerates(pod.object("spec"), fresh, EXPELLING)) {
            return Optional.of(Refusal.predicate("TaintToleration", "node(s) had taints that the pod didn't tolerate"));
        }
        return Optional.empty();
    }

    private static Optional<Refusal> lacking(Claim claim, Unstructured fresh, Collection<Claim> others) {
        Map<String, String> allocatable = fresh.strings("status", "allocatable");
        long pods = Quantity.of(allocatable.getOrDefault("pods", "0")).value();
        if (others.size() + 1 > pods) {
            return Optional.of(Refusal.outOf("pods", 1, others.size(), pods));
        }
        List<String> resources = new ArrayList<>(FIRST);
        // What the node does not know of is counted elsewhere: upstream lets such resources pass.
        claim.amounts().keySet().stream()
                .filter(r -> !FIRST.contains(r) && allocatable.containsKey(r))
                .forEach(resources::add);
        for (String resource : resources) {
            long asked = claim.amount(resource);
            long capacity = Claim.units(resource, Quantity.of(allocatable.getOrDefault(resource, "0")));
            long used = others.stream().mapToLong(c -> c.amount(resource)).sum();
            if (asked > 0 && asked > capacity - used) {
                return Optional.of(Refusal.outOf(resource, asked, used, capacity));
            }
        }
        return Optional.empty();
    }
}
