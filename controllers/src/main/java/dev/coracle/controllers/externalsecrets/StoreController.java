package dev.coracle.controllers.externalsecrets;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.StatusPatch;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Asks from time to time whether a SecretStore or ClusterSecretStore answers, and tells it in the condition without which
 * no ExternalSecret is fetched from there. A key without namespace is a ClusterSecretStore's.
 */
public final class StoreController implements Controller, Reconciler {
    private static final System.Logger LOG = System.getLogger("coracle.external-secrets");
    private static final int WORKERS = 4;
    /** Where {@code spec.refreshInterval} says none. */
    private static final Duration INTERVAL = Duration.ofMinutes(5);

    private final Client client;
    private final Clock clock;
    private final EventRecorder events;
    private final Informer ofNamespaces;
    private final Informer ofCluster;
    private final Stores stores;
    private final HttpOutbound outbound;
    private final Failures failures = new Failures();
    private final Loop loop;

    /** @param awsEndpoint instead of AWS's own, empty for those */
    public StoreController(ControllerContext world, EventRecorder events, String awsEndpoint) {
        this(
                world,
                events,
                awsEndpoint,
                new HttpOutbound(
                        task -> world.environment().tasks().start("external-secrets-http", task),
                        ExternalSecretController.PATIENCE));
    }

    StoreController(ControllerContext world, EventRecorder events, String awsEndpoint, HttpOutbound outbound) {
        this.client = world.client();
        this.clock = world.environment().clock();
        this.events = events;
        this.outbound = outbound;
        this.stores = new Stores(client, clock, outbound, awsEndpoint);
        this.loop = new Loop(world, "secret_stores", WORKERS);
        this.ofNamespaces = loop.watches(ExternalSecrets.STORES, StoreController::changed);
        this.ofCluster = loop.watches(ExternalSecrets.CLUSTER_STORES, StoreController::changed);
        loop.watches(Resources.SECRETS, this::credentials);
        loop.start(this);
    }

    private static Collection<ObjectKey> changed(@Nullable Revision before, @Nullable Revision after) {
        boolean same = before != null
                && after != null
                && before.uid().equals(after.uid())
                && before.object().generation() == after.object().generation();
        return same
                ? List.of()
                : List.of(Objects.requireNonNull(after != null ? after : before).key());
    }

    /** The stores that name a Secret whose data changed. */
    private Collection<ObjectKey> credentials(@Nullable Revision before, @Nullable Revision after) {
        Revision secret = Objects.requireNonNull(after != null ? after : before);
        boolean same = before != null
                && after != null
                && before.object().object("data").equals(after.object().object("data"));
        if (same) {
            return List.of();
        }
        return Stream.concat(ofNamespaces.list(secret.key().namespace()).stream(), ofCluster.list().stream())
                .filter(store -> Stores.references(store.object()).stream()
                        .anyMatch(r -> r.string("name").equals(secret.name())
                                && r.stringOr(secret.key().namespace(), "namespace")
                                        .equals(secret.key().namespace())))
                .map(Revision::key)
                .toList();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        GroupVersionResource resource =
                key.namespace().isEmpty() ? ExternalSecrets.CLUSTER_STORES : ExternalSecrets.STORES;
        Unstructured store = Live.find(client, resource, key.namespace(), key.name())
                .map(Revision::object)
                .orElse(null);
        if (store == null || store.isDeleting() || !ExternalSecrets.isOurs(store)) {
            failures.forget(key);
            return Result.DONE;
        }
        Provider provider = null;
        try {
            if (Stores.canBeValidated(store)) {
                provider = stores.open(store, key.namespace());
                provider.validate();
            }
        } catch (ProviderException e) {
            return failed(key, resource, store, provider != null, e);
        } finally {
            if (provider != null) {
                provider.close();
            }
        }
        failures.forget(key);
        if (write(resource, store, "True", "Valid", "store validated", "ReadOnly")) {
            events.normal(store, "Valid", "store validated");
        }
        long seconds = store.integer(0, "spec", "refreshInterval");
        return Result.after(seconds > 0 ? Duration.ofSeconds(seconds) : INTERVAL);
    }

    private Result failed(
            ObjectKey key, GroupVersionResource resource, Unstructured store, boolean opened, ProviderException e) {
        String reason = e.kind() == ProviderException.Kind.UNREACHABLE ? "ValidationFailed" : "InvalidProviderConfig";
        String message = opened ? "unable to validate store: " + e.text() : "unable to create client";
        write(resource, store, "False", reason, message, "");
        if (failures.add(key, e.text())) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "unable to validate store: " + store.kind() + " " + key + ": "
                            + e.text().replace('\n', ' '));
            events.warning(store, reason, e.text());
        }
        return Result.after(failures.delay(key));
    }

    private boolean write(
            GroupVersionResource resource,
            Unstructured store,
            String value,
            String reason,
            String message,
            String capabilities) {
        List<Unstructured> conditions = Conditions.of(store);
        Conditions.set(conditions, ExternalSecrets.READY, value, reason, message, clock.now());
        Unstructured status = store.object("status").copy().set(conditions, "conditions");
        if (!capabilities.isEmpty()) {
            status.set(capabilities, "capabilities");
        }
        return new StatusPatch(client, resource).write(store, status);
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }

    @Override
    public void close() {
        loop.queue().close();
        outbound.close();
    }
}
