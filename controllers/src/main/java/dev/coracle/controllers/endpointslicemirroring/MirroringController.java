package dev.coracle.controllers.endpointslicemirroring;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Endpoints of Services without a selector: what {@link Mirror} decides is done. Its slices go when one of them does. */
public final class MirroringController implements Controller, Reconciler {
    private static final String BY_SERVICE = "mirrored-service";

    private final Client client;
    private final EventRecorder events;
    private final Informer endpoints;
    private final Informer services;
    private final Informer slices;
    private final Loop loop;

    public MirroringController(ControllerContext world, EventRecorder events) {
        this.client = world.client();
        this.events = events;
        this.loop = new Loop(world, "endpoint_slice_mirroring", 5);
        this.endpoints = loop.reconciles(Resources.ENDPOINTS);
        this.services = loop.watches(
                Resources.SERVICES,
                (before, after) -> isMirrored(before) == isMirrored(after)
                        ? List.of()
                        : Stream.of(Optional.ofNullable(after), Optional.ofNullable(before))
                                .flatMap(Optional::stream)
                                .limit(1)
                                .map(Revision::key)
                                .toList());
        this.slices = loop.watches(
                Resources.ENDPOINT_SLICES,
                (before, after) -> Stream.of(source(before), source(after))
                        .flatMap(Optional::stream)
                        .distinct()
                        .toList());
        slices.index(
                BY_SERVICE,
                s -> source(s).map(ObjectKey::toString).map(List::of).orElse(List.of()));
        loop.start(this);
    }

    private static boolean isMirrored(@Nullable Revision service) {
        return service != null && service.object().strings("spec", "selector").isEmpty();
    }

    /** Of whose Endpoints a slice of ours is a copy. */
    private static Optional<ObjectKey> source(@Nullable Revision slice) {
        return Optional.ofNullable(slice)
                .filter(s -> Mirror.CONTROLLER.equals(s.labels().get(Mirror.MANAGED_BY)))
                .flatMap(s -> Optional.ofNullable(s.labels().get(Mirror.SERVICE))
                        .map(name -> new ObjectKey(s.namespace(), name)));
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured source = endpoints.get(key).map(Revision::object).orElse(null);
        List<Unstructured> existing = slices.byIndex(BY_SERVICE, key.toString()).stream()
                .map(Revision::object)
                .toList();
        if (source == null
                || Mirror.isSkipped(source)
                || !isMirrored(services.get(key).orElse(null))) {
            existing.forEach(s -> Live.delete(client, Resources.ENDPOINT_SLICES, s));
            return Result.DONE;
        }
        Mirror mirror = Mirror.of(source, existing);
        tell(source, mirror);
        try {
            apply(source, mirror);
        } catch (StatusException e) {
            if (!Live.isTerminating(e)) {
                throw e;
            }
        }
        return Result.DONE;
    }

    private void tell(Unstructured source, Mirror mirror) {
        if (mirror.invalid() > 0) {
            events.warning(
                    source,
                    "InvalidIPAddress",
                    "Skipped " + mirror.invalid() + " invalid IP addresses when mirroring to EndpointSlices");
        }
        if (mirror.skipped() > mirror.invalid()) {
            events.warning(
                    source,
                    "TooManyAddressesToMirror",
                    "A max of " + Mirror.LARGEST + " addresses can be mirrored to EndpointSlices per Endpoints subset. "
                            + mirror.skipped() + " addresses were skipped");
        }
    }

    /** What is new first: nobody should find the Service without endpoints in between. */
    private void apply(Unstructured source, Mirror mirror) {
        if (!source.isDeleting()) {
            for (Unstructured s : mirror.create()) {
                client.create(Resources.ENDPOINT_SLICES, s.namespace(), s, WriteOptions.DEFAULT);
            }
        }
        mirror.update().forEach(s -> client.update(Resources.ENDPOINT_SLICES, s, WriteOptions.DEFAULT));
        mirror.delete().forEach(s -> Live.delete(client, Resources.ENDPOINT_SLICES, s));
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
