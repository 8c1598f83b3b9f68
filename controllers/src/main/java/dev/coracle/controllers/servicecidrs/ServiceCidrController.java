package dev.coracle.controllers.servicecidrs;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.StatusPatch;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Says of a range that Services may have addresses from it, and holds it by a finalizer, while it is being deleted, until
 * no address is left that is in no other range.
 */
public final class ServiceCidrController implements Controller, Reconciler {
    private static final String FINALIZER = "networking.k8s.io/service-cidr-finalizer";

    /** For so long a server that has not heard of the deletion yet might give an address from the range. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Client client;
    private final Clock clock;
    private final EventRecorder events;
    private final Informer ranges;
    private final Informer addresses;
    private final StatusPatch status;
    private final Loop loop;

    public ServiceCidrController(ControllerContext world, EventRecorder events) {
        this.client = world.client();
        this.clock = world.environment().clock();
        this.events = events;
        this.status = new StatusPatch(client, Resources.SERVICE_CIDRS);
        this.loop = new Loop(world, "service_cidrs", 5);
        this.ranges = loop.watches(Resources.SERVICE_CIDRS, this::concerned);
        this.addresses = loop.watches(
                Resources.IP_ADDRESSES,
                (before, after) -> before != null && after != null
                        ? List.of()
                        : Stream.of(before, after)
                                .flatMap(Stream::ofNullable)
                                .filter(a -> Account.isAllocators(a.object()))
                                .flatMap(a -> containing(InetAddress.ofLiteral(a.name())).stream())
                                .map(Revision::key)
                                .toList());
        loop.start(this);
    }

    /** A range that comes or goes may let another go, or keep it. */
    private List<ObjectKey> concerned(@Nullable Revision before, @Nullable Revision after) {
        Stream<Revision> changed = Stream.of(before, after).flatMap(Stream::ofNullable);
        if (before != null && after != null && before.isDeleting() == after.isDeleting()) {
            return List.of(after.key());
        }
        return changed.flatMap(r -> Stream.concat(
                        Stream.of(r.key()),
                        ranges.list().stream()
                                .filter(o -> prefixes(o).stream()
                                        .anyMatch(p -> prefixes(r).stream().anyMatch(p::overlaps)))
                                .map(Revision::key)))
                .distinct()
                .toList();
    }

    private static List<Prefix> prefixes(Revision range) {
        return Prefix.all(range.object().stringList("spec", "cidrs"));
    }

    private List<Revision> containing(InetAddress ip) {
        return ranges.list().stream()
                .filter(r -> prefixes(r).stream().anyMatch(p -> p.contains(ip)))
                .toList();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision range = ranges.get(key).orElse(null);
        if (range == null) {
            return Result.DONE;
        }
        return range.isDeleting() ? release(range) : serve(range.object());
    }

    private Result serve(Unstructured range) {
        if (!range.finalizers().contains(FINALIZER)) {
            // The change brings it back here.
            client.update(
                    Resources.SERVICE_CIDRS,
                    range.copy().add(FINALIZER, "metadata", "finalizers"),
                    WriteOptions.DEFAULT);
            return Result.DONE;
        }
        try {
            tell(range, "True", "", "Kubernetes Service CIDR is ready");
        } catch (StatusException e) {
            events.warning(range, "KubernetesServiceCIDRError", "The ServiceCIDR Status can not be set to Ready=True");
            throw e;
        }
        return Result.DONE;
    }

    private Result release(Revision range) {
        Unstructured o = range.object();
        if (!o.finalizers().contains(FINALIZER)) {
            return Result.DONE;
        }
        if (isNeeded(range)) {
            tell(
                    o,
                    "False",
                    "Terminating",
                    "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new"
                            + " ServiceCIDR");
            return Result.DONE;
        }
        Instant deleted =
                Timestamps.parse(o.string("metadata", "deletionTimestamp")).orElseThrow();
        Duration left = Duration.between(clock.now(), deleted.plus(GRACE));
        if (left.isPositive()) {
            return Result.after(left);
        }
        Unstructured next = o.copy();
        List<String> rest = next.finalizers();
        rest.remove(FINALIZER);
        client.update(
                Resources.SERVICE_CIDRS,
                next.set(rest.isEmpty() ? null : rest, "metadata", "finalizers"),
                WriteOptions.DEFAULT);
        return Result.DONE;
    }

    /** Whether an address would be in no range without it. */
    private boolean isNeeded(Revision range) {
        boolean covered = prefixes(range).stream()
                .allMatch(p -> ranges.list().stream()
                        .filter(r -> !r.name().equals(range.name()))
                        .anyMatch(r -> prefixes(r).stream().anyMatch(q -> q.contains(p))));
        return !covered
                && addresses.list().stream()
                        .filter(a -> Account.isAllocators(a.object()))
                        .map(a -> containing(InetAddress.ofLiteral(a.name())))
                        .anyMatch(in -> in.size() == 1 && in.getFirst().name().equals(range.name()));
    }

    private void tell(Unstructured range, String ready, String reason, String message) {
        List<Unstructured> conditions = Conditions.of(range);
        // Its fields are not optional, be they empty.
        Conditions.set(conditions, "Ready", ready, reason, message, clock.now()).set(reason, "reason");
        Unstructured next = range.copy();
        status.write(range, next.set(conditions, "status", "conditions").object("status"));
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
