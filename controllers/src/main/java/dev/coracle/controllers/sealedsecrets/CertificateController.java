package dev.coracle.controllers.sealedsecrets;

import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Serves the certificate in this process, and has the Service {@code sealed-secrets-controller} lead there: its
 * EndpointSlice names the address and whatever port was free.
 */
public final class CertificateController implements Controller, Reconciler {
    private static final ObjectKey SLICE = new ObjectKey(KeyRing.NAMESPACE, SealedSecrets.SERVICE);

    private final ControllerContext world;
    private final String address;
    private final Informer slices;
    private final CertificateServer server;
    private final Loop loop;

    public CertificateController(ControllerContext world) {
        this(world, world.config().address());
    }

    /** @param published the address that the slice names, where it is another than the one listened on */
    CertificateController(ControllerContext world, String published) {
        this.world = world;
        this.address = published;
        this.loop = new Loop(world, "sealed_secrets_certificate", 1);
        this.slices = loop.watches(
                Resources.ENDPOINT_SLICES,
                (before, after) -> isOurs(before) || isOurs(after) ? List.of(SLICE) : List.of());
        Informer secrets = loop.reads(Resources.SECRETS);
        this.server = serve(world, new KeyRing(() -> secrets.list(KeyRing.NAMESPACE)));
        loop.add(SLICE);
        loop.start(this);
    }

    private static CertificateServer serve(ControllerContext world, KeyRing keys) {
        String address = world.config().address();
        try {
            return new CertificateServer(
                    new InetSocketAddress(address, 0),
                    keys,
                    world.environment(),
                    task -> world.environment().tasks().start("sealed-secrets-http", task));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot serve the certificate of sealed secrets on " + address, e);
        }
    }

    private static boolean isOurs(@Nullable Revision slice) {
        return slice != null && slice.key().equals(SLICE);
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured before = slices.get(SLICE).map(Revision::object).orElse(null);
        Unstructured slice = (before != null
                        ? before.copy()
                        : Unstructured.of("discovery.k8s.io/v1", "EndpointSlice", SLICE.namespace(), SLICE.name()))
                .set(SealedSecrets.SERVICE, "metadata", "labels", "kubernetes.io/service-name")
                .set("IPv4", "addressType")
                .set(List.of(Map.of("addresses", List.of(address), "conditions", Map.of("ready", true))), "endpoints")
                .set(List.of(Map.of("name", "", "port", (long) server.port(), "protocol", "TCP")), "ports");
        if (before == null) {
            world.client().create(Resources.ENDPOINT_SLICES, SLICE.namespace(), slice, WriteOptions.DEFAULT);
        } else if (!Objects.equals(before, slice)) {
            world.client().update(Resources.ENDPOINT_SLICES, slice, WriteOptions.DEFAULT);
        }
        return Result.DONE;
    }

    int port() {
        return server.port();
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }

    @Override
    public void close() {
        loop.queue().close();
        server.close();
    }
}
