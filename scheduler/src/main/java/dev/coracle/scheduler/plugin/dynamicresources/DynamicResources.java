package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.client.Client;
import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.cel.DeviceSelector;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.Filtering;
import dev.coracle.scheduler.framework.Memo;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeSelector;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PluginFailure;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gives devices to claims, and takes pods to where the devices of their claims are. A node does when all claims that have no
 * devices yet can have some there ({@link Allocator}). What is found is promised to the pod as soon as its node is decided
 * ({@link ClaimLedger}), and written before it is bound.
 */
public final class DynamicResources implements Plugin.Filters, Plugin.PostFilters, Plugin.Reserves {
    private static final Status ELSEWHERE = Status.unresolvable("resourceclaim not available on the node");
    private static final Status NO_DEVICES = Status.unresolvable("cannot allocate all claims");

    private final PodClaims claims;
    private final ClaimLedger ledger;
    private final Slices slices;
    private final Informer classes;
    private final ClaimWrites writes;
    private final Clock clock;
    private final Entropy entropy;
    private final Memo<String, DeviceSelector> selectors = new Memo<>();

    public DynamicResources(Client client, Informers informers, ClaimLedger ledger, Clock clock, Entropy entropy) {
        this.ledger = ledger;
        this.claims = new PodClaims(ledger);
        this.slices = new Slices(informers.of(Resources.RESOURCE_SLICES));
        this.classes = informers.of(Resources.DEVICE_CLASSES);
        this.writes = new ClaimWrites(client, ledger, clock);
        this.clock = clock;
        this.entropy = entropy;
    }

    @Override
    public String name() {
        return "DynamicResources";
    }

    @Override
    public boolean synced() {
        return ledger.synced() && classes.synced() && slices.synced();
    }

    @Override
    public NodeFilter preFilter(Cycle cycle) {
        Unstructured pod = cycle.pod().pod();
        if (!claimsAny(pod)) {
            return NodeFilter.PASS;
        }
        PodClaims.Found found = claims.of(pod);
        String blocked = blocked(pod, found);
        if (!blocked.isEmpty()) {
            return NodeFilter.blocked(blocked);
        }
        List<Revision> allocated = found.allocated();
        List<Ask.Claim> asked = asked(found);
        Allocator allocator = allocator();
        return node -> {
            Status status = asked.isEmpty() ? Status.OK : refusal(allocator, node, asked);
            return status.fits() && !allocated.stream().allMatch(c -> isThere(c, node)) ? ELSEWHERE : status;
        };
    }

    private static boolean claimsAny(Unstructured pod) {
        return !pod.objects("spec", "resourceClaims").isEmpty();
    }

    /** What keeps the pod from every node; {@code ""} for nothing. */
    private String blocked(Unstructured pod, PodClaims.Found found) {
        if (!found.blocked().isEmpty()) {
            return found.blocked();
        }
        for (Revision claim : found.claims()) {
            Unstructured c = claim.object();
            if (PodClaims.isAllocated(claim)) {
                if (!PodClaims.canBeReserved(c) && !PodClaims.isReservedFor(pod, c)) {
                    return "resourceclaim in use";
                }
                continue;
            }
            if (ledger.isPromised(claim.uid())) {
                return "resource claim " + claim.key() + " is in the process of being allocated";
            }
            String missing = missingClass(c);
            if (!missing.isEmpty()) {
                return missing;
            }
        }
        return "";
    }

    private String missingClass(Unstructured claim) {
        for (Unstructured request : claim.objects("spec", "devices", "requests")) {
            String name = request.string("name");
            if (request.has("exactly") && !isThere(request.object("exactly"))) {
                return missing(name, request.object("exactly"));
            }
            for (Unstructured sub : request.objects("firstAvailable")) {
                if (!isThere(sub)) {
                    return missing(name + "/" + sub.string("name"), sub);
                }
            }
        }
        return "";
    }

    private boolean isThere(Unstructured request) {
        return deviceClass(request.string("deviceClassName")).isPresent();
    }

    private Optional<Unstructured> deviceClass(String name) {
        return classes.get("", name).map(Revision::object);
    }

    private static String missing(String request, Unstructured of) {
        return "request " + request + ": device class " + of.string("deviceClassName") + " does not exist";
    }

    private List<Ask.Claim> asked(PodClaims.Found found) {
        return found.waiting().stream()
                .map(c -> Ask.Claim.of(c.object(), this::deviceClass))
                .toList();
    }

    private Allocator allocator() {
        return new Allocator(slices.pools(), ledger.taken(), selectors);
    }

    private Status refusal(Allocator allocator, NodeInfo node, List<Ask.Claim> asked) {
        try {
            return allocator.allocate(node, asked).isPresent() ? Status.OK : NO_DEVICES;
        } catch (Allocator.InvalidPools | Allocator.Exhausted e) {
            return Status.unresolvable(String.valueOf(e.getMessage()));
        } catch (PluginFailure e) {
            throw new PluginFailure("running \"" + name() + "\" filter plugin: " + e.getMessage());
        }
    }

    /** Whether the devices of a claim can be used from a node. */
    private boolean isThere(Revision claim, NodeInfo node) {
        Unstructured c = claim.object();
        List<Unstructured> terms = c.objects("status", "allocation", "nodeSelector", "nodeSelectorTerms");
        return (terms.isEmpty() || NodeSelector.of(terms).matches(node))
                && !Readiness.of(c, clock).isHopeless();
    }

    /** A claim that has devices elsewhere, and that nobody else uses, is to get others. */
    @Override
    public Rescue postFilter(Cycle cycle, Filtering filtering, Map<String, Status> refusals) {
        Unstructured pod = cycle.pod().pod();
        if (!claimsAny(pod)) {
            return Rescue.none("", true);
        }
        PodClaims.Found found = claims.of(pod);
        if (!blocked(pod, found).isEmpty()) {
            Rescue none = Rescue.none("no new claims to deallocate", true);
            return found.claims().stream()
                    .filter(c -> ledger.isInDoubt(c.uid()))
                    .findFirst()
                    .map(c -> none.with(() -> writes.settle(c)))
                    .orElse(none);
        }
        List<NodeInfo> elsewhere = cycle.snapshot().nodes().stream()
                .filter(n ->
                        refusals.getOrDefault(n.name(), Status.OK).reasons().equals(ELSEWHERE.reasons()))
                .toList();
        for (Revision claim : found.allocated()) {
            boolean unused = claim.object().objects("status", "reservedFor").stream()
                    .allMatch(r -> r.string("uid").equals(pod.uid()));
            if (unused && elsewhere.stream().anyMatch(n -> !isThere(claim, n))) {
                return Rescue.none("deallocation of ResourceClaim completed", true)
                        .with(() -> writes.deallocate(claim));
            }
        }
        return Rescue.none("still not schedulable", true);
    }

    @Override
    public @Nullable PreBind reserve(PodInfo pod, NodeInfo node) {
        if (!claimsAny(pod.pod())) {
            return null;
        }
        PodClaims.Found found = claims.of(pod.pod());
        List<Search.Chosen> chosen = List.of();
        boolean changed = !blocked(pod.pod(), found).isEmpty()
                || !found.allocated().stream().allMatch(c -> isThere(c, node));
        if (!changed && !found.waiting().isEmpty()) {
            Optional<List<Search.Chosen>> devices = allocator().allocate(node, asked(found));
            changed = devices.isEmpty();
            chosen = devices.orElse(List.of());
        }
        if (changed) {
            // They changed since the node was looked at: the pod is tried again.
            return () -> {
                throw ClaimWrites.conflict(found.claims().getFirst(), "it changed while the pod was decided about");
            };
        }
        for (Search.Chosen c : chosen) {
            ledger.promise(pod.uid(), c.claim().claim(), Allocation.of(c, node, entropy));
        }
        return () -> bind(pod, found.claims());
    }

    private boolean bind(PodInfo pod, List<Revision> all) {
        List<Revision> bound = new ArrayList<>();
        for (Revision known : all) {
            // What an earlier attempt had written for the pod may have been taken back since.
            Revision claim = ledger.get(known.key())
                    .filter(c -> c.uid().equals(known.uid()))
                    .orElse(known);
            boolean mine = PodClaims.isAllocated(claim) && PodClaims.isReservedFor(pod.pod(), claim.object());
            bound.add(mine ? claim : writes.reserve(pod, claim, !PodClaims.isAllocated(claim)));
        }
        return bound.stream().allMatch(c -> Readiness.of(c.object(), clock) == Readiness.READY);
    }

    @Override
    public List<ClusterEvent> unreserve(PodInfo pod) {
        List<ClusterEvent> events = new ArrayList<>();
        ledger.release(pod.uid())
                .forEach(claim -> events.add(new ClusterEvent.ObjectChanged(Resources.RESOURCE_CLAIMS, claim)));
        return events;
    }

    /** The devices stay the claim's: others may use it, and the pod itself comes back for it. */
    @Override
    public @Nullable Runnable takeBack(PodInfo pod) {
        return claimsAny(pod.pod())
                ? () -> writes.takeBack(pod, claims.of(pod.pod()).reservedFor(pod.pod()))
                : null;
    }

    @Override
    public Duration patience() {
        return Readiness.PATIENCE;
    }

    @Override
    public String late() {
        return "running PreBind plugin \"DynamicResources\": device binding timeout";
    }

    @Override
    public boolean isHelpedBy(PodInfo pod, ClusterEvent event) {
        if (!(event instanceof ClusterEvent.ObjectChanged o) || !claimsAny(pod.pod())) {
            return false;
        }
        return o.resource().equals(Resources.DEVICE_CLASSES)
                || o.resource().equals(Resources.RESOURCE_SLICES)
                || o.resource().equals(Resources.RESOURCE_CLAIMS)
                        && (claims.concern(pod.pod(), o.key()) || ledger.wasFreed(o.key()));
    }
}
