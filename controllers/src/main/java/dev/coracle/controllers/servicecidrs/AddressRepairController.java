package dev.coracle.controllers.servicecidrs;

import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
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
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Each address of a Service has an IPAddress that names the Service, and each IPAddress of the allocator's names a Service
 * that has it. Where somebody else has seen to it that one does not:
 *
 * <pre>
 * Service a, 10.96.0.9                                 written anew
 * Service a, 10.96.0.9    IPAddress of a gateway's     written anew, as a's
 * Service a, 10.96.0.9    IPAddress of Service b's     b has it: a is told; b is gone: written anew, as a's
 *                         IPAddress of Service a's     removed
 * </pre>
 *
 * <p>Keys are both: an IPAddress has no namespace.
 *
 * <p>One transaction writes both, but whoever reads is told of one after the other, from the server itself too. So what
 * looks wrong may only be halfway here, and nothing is said before the store has agreed: an address is created, which fails
 * where there is one, and then its Service read again, which by then has been told of all that came before; what is
 * replaced or removed must be unchanged; and an address that came just now is left alone for a moment.
 */
public final class AddressRepairController implements Controller, Reconciler {
    /** So long a server of an earlier version may take from an address to its Service. */
    private static final Duration GRACE = Duration.ofSeconds(60);

    /** In so long whoever was told of an address has been told of its Service. */
    private static final Duration MOMENT = Duration.ofSeconds(2);

    private final Client client;
    private final Clock clock;
    private final EventRecorder events;
    private final Informer services;
    private final Informer addresses;
    private final Loop loop;

    public AddressRepairController(ControllerContext world, EventRecorder events) {
        this.client = world.client();
        this.clock = world.environment().clock();
        this.events = events;
        this.loop = new Loop(world, "service_addresses", 5);
        this.services = loop.watches(
                Resources.SERVICES,
                (before, after) -> Stream.of(before, after)
                        .flatMap(Stream::ofNullable)
                        .flatMap(s -> Stream.concat(
                                Stream.of(s.key()),
                                Account.of(s.object()).stream().map(ip -> new ObjectKey("", ip))))
                        .distinct()
                        .toList());
        this.addresses = loop.watches(
                Resources.IP_ADDRESSES,
                (before, after) -> Stream.of(before, after)
                        .flatMap(Stream::ofNullable)
                        .flatMap(a -> Stream.concat(Stream.of(a.key()), holders(a.name())))
                        .distinct()
                        .toList());
        services.index("ip", s -> Account.of(s.object()));
        loop.start(this);
    }

    private Stream<ObjectKey> holders(String ip) {
        return services.byIndex("ip", ip).stream().map(Revision::key);
    }

    @Override
    public Result reconcile(ObjectKey key) {
        if (key.namespace().isEmpty()) {
            return address(key);
        }
        for (String ip : services.get(key).map(s -> Account.of(s.object())).orElse(List.of())) {
            boolean right = addresses
                    .get("", ip)
                    .map(Revision::object)
                    .filter(a -> Account.isLabelled(a)
                            && Account.service(a).filter(key::equals).isPresent())
                    .isPresent();
            if (!right) {
                Optional<Revision> live = Live.find(client, Resources.SERVICES, key.namespace(), key.name());
                live.filter(s -> Account.of(s.object()).contains(ip)).ifPresent(s -> service(s.object(), ip));
            }
        }
        return Result.DONE;
    }

    private void service(Unstructured service, String ip) {
        ObjectKey key = new ObjectKey(service.namespace(), service.name());
        String of = "Cluster IP [" + Account.family(ip) + "]:";
        InetAddress address = InetAddress.ofLiteral(ip);
        if (client.list(Resources.SERVICE_CIDRS, "", ListOptions.ALL).items().stream()
                .flatMap(r -> Prefix.all(r.object().stringList("spec", "cidrs")).stream())
                .noneMatch(p -> p.contains(address))) {
            events.warning(
                    service,
                    "ClusterIPOutOfRange",
                    of + " " + ip + " is not within any configured Service CIDR; please recreate service");
            return;
        }
        Unstructured now = Live.find(client, Resources.IP_ADDRESSES, "", ip)
                .map(Revision::object)
                .orElse(null);
        if (now == null) {
            if (claim(ip, key)) {
                events.warning(service, "ClusterIPNotAllocated", of + " " + ip + " is not allocated; repairing");
            }
            return;
        }
        ObjectKey parent = Account.service(now).orElse(null);
        if (!key.equals(parent)) {
            Unstructured other = parent == null
                    ? null
                    : Live.find(client, Resources.SERVICES, parent.namespace(), parent.name())
                            .map(Revision::object)
                            .orElse(null);
            if (other == null) {
                if (replace(now, key)) {
                    events.warning(
                            service,
                            "ClusterIPNotAllocated",
                            "the ClusterIP [" + Account.family(ip) + "]: " + ip + " for Service " + key.namespace()
                                    + "/" + key.name() + " has a wrong reference; repairing");
                }
                return;
            }
            if (Account.of(other).contains(ip)) {
                events.warning(
                        service,
                        "ClusterIPAlreadyAllocated",
                        of + ip + " was assigned to multiple services; please recreate service");
                return;
            }
        }
        if (!Account.isLabelled(now)) {
            replace(now, key);
        }
    }

    private boolean replace(Unstructured address, ObjectKey service) {
        return Live.delete(client, Resources.IP_ADDRESSES, address, unchanged(address))
                && claim(address.name(), service);
    }

    /** Whether it was missing, and the Service is still there to have it. */
    private boolean claim(String ip, ObjectKey service) {
        Unstructured made;
        try {
            made = client.create(Resources.IP_ADDRESSES, "", Account.address(ip, service), WriteOptions.DEFAULT)
                    .object();
        } catch (StatusException e) {
            if (e.isAlreadyExists()) {
                return false;
            }
            throw e;
        }
        boolean there = Live.find(client, Resources.SERVICES, service.namespace(), service.name())
                .filter(s -> Account.of(s.object()).contains(ip))
                .isPresent();
        if (!there) {
            Live.delete(client, Resources.IP_ADDRESSES, made);
        }
        return there;
    }

    private static DeleteOptions unchanged(Unstructured address) {
        return new DeleteOptions(-1, "", address.uid(), address.resourceVersion());
    }

    private Result address(ObjectKey key) {
        Unstructured address = addresses.get(key).map(Revision::object).orElse(null);
        if (address == null || address.isDeleting() || !Account.isAllocators(address)) {
            return Result.DONE;
        }
        String ip = address.name();
        ObjectKey parent = Account.service(address).orElse(null);
        if (parent == null) {
            remove(
                    address,
                    "IPAddressNotAllocated",
                    "IPAddress " + ip + " appears to have been modified, not referencing a Service "
                            + Account.parent(address) + ": cleaning up");
            return Result.DONE;
        }
        boolean right = services.get(parent)
                .filter(s -> Account.of(s.object()).contains(ip))
                .isPresent();
        if (right) {
            return Result.DONE;
        }
        String what = "IPAddress: " + ip + " for Service " + parent.namespace() + "/" + parent.name();
        Optional<Revision> service = Live.find(client, Resources.SERVICES, parent.namespace(), parent.name());
        Instant created = Timestamps.parse(address.string("metadata", "creationTimestamp"))
                .orElseThrow();
        if (service.isPresent()) {
            if (clock.now().isBefore(created.plus(MOMENT))) {
                return Result.after(MOMENT);
            }
            if (!Account.of(service.get().object()).contains(ip)) {
                remove(address, "IPAddressWrongReference", what + " has a wrong reference; cleaning up");
            }
            return Result.DONE;
        }
        Duration left = Duration.between(clock.now(), created.plus(GRACE));
        if (!left.isNegative()) {
            return Result.after(left.plusSeconds(1));
        }
        remove(address, "IPAddressNotAllocated", what + " appears to have leaked: cleaning up");
        return Result.DONE;
    }

    /** Says so only of one that was there to be removed: the copy may be behind. */
    private void remove(Unstructured address, String reason, String message) {
        if (Live.delete(client, Resources.IP_ADDRESSES, address, unchanged(address))) {
            events.warning(address, reason, message);
        }
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
