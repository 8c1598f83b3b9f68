package dev.coracle.controllers.externalsecrets;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.externalsecrets.ExternalSecrets.StoreRef;
import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.StatusPatch;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes of each ExternalSecret its Secret, when {@link Refresh} says that it is time or the Secret is not what it was made.
 * All that is named is fetched first; while a part of it is missing the Secret stays as it is.
 */
public final class ExternalSecretController implements Controller, Reconciler {
    private static final System.Logger LOG = System.getLogger("coracle.external-secrets");
    /** A store that does not answer keeps one of them busy for as long as {@link #PATIENCE}. */
    private static final int WORKERS = 8;

    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Client client;
    private final Clock clock;
    private final EventRecorder events;
    private final Informer externalSecrets;
    private final Stores stores;
    private final HttpOutbound outbound;
    private final StatusPatch statuses;
    private final Failures failures = new Failures();
    private final Loop loop;

    /** @param awsEndpoint instead of AWS's own, empty for those */
    public ExternalSecretController(ControllerContext world, EventRecorder events, String awsEndpoint) {
        this(
                world,
                events,
                awsEndpoint,
                new HttpOutbound(task -> world.environment().tasks().start("external-secrets-http", task), PATIENCE));
    }

    ExternalSecretController(ControllerContext world, EventRecorder events, String awsEndpoint, HttpOutbound outbound) {
        this.client = world.client();
        this.clock = world.environment().clock();
        this.events = events;
        this.outbound = outbound;
        this.stores = new Stores(client, clock, outbound, awsEndpoint);
        this.loop = new Loop(world, "external_secrets", WORKERS);
        this.externalSecrets = loop.watches(ExternalSecrets.RESOURCE, ExternalSecretController::changed);
        loop.watches(Resources.SECRETS, this::ofSecret);
        loop.watches(ExternalSecrets.STORES, this::ofStore);
        loop.watches(ExternalSecrets.CLUSTER_STORES, this::ofStore);
        this.statuses = new StatusPatch(client, ExternalSecrets.RESOURCE);
        loop.start(this);
    }

    /** Not by what is written into its status. */
    private static Collection<ObjectKey> changed(@Nullable Revision before, @Nullable Revision after) {
        boolean same = before != null
                && after != null
                && before.uid().equals(after.uid())
                && Refresh.version(before.object()).equals(Refresh.version(after.object()));
        return same
                ? List.of()
                : List.of(Objects.requireNonNull(after != null ? after : before).key());
    }

    /** Those whose Secret it is or was. */
    private Collection<ObjectKey> ofSecret(@Nullable Revision before, @Nullable Revision after) {
        Revision secret = Objects.requireNonNull(after != null ? after : before);
        boolean ours =
                TargetSecret.isManaged(secret.object()) || before != null && TargetSecret.isManaged(before.object());
        return externalSecrets.list(secret.key().namespace()).stream()
                .filter(e -> ExternalSecrets.target(e.object()).equals(secret.name()))
                .filter(e -> ours || !Conditions.isTrue(e.object(), ExternalSecrets.READY) || before == null)
                .map(Revision::key)
                .toList();
    }

    /** Those that wait for a store which has become ready, or another. */
    private Collection<ObjectKey> ofStore(@Nullable Revision before, @Nullable Revision after) {
        if (after == null || !Conditions.isTrue(after.object(), ExternalSecrets.READY)) {
            return List.of();
        }
        boolean same = before != null
                && Conditions.isTrue(before.object(), ExternalSecrets.READY)
                && before.object().generation() == after.object().generation();
        StoreRef ref = new StoreRef(after.object().kind(), after.name());
        List<Revision> all = same
                ? List.of()
                : ref.isOfCluster()
                        ? externalSecrets.list()
                        : externalSecrets.list(after.key().namespace());
        return all.stream()
                .filter(e -> !Conditions.isTrue(e.object(), ExternalSecrets.READY))
                .filter(e -> ExternalSecrets.stores(e.object()).contains(ref))
                .map(Revision::key)
                .toList();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        // The copy may be behind the status that was written last, and would have everything fetched twice.
        Unstructured o = Live.find(client, ExternalSecrets.RESOURCE, key.namespace(), key.name())
                .map(Revision::object)
                .orElse(null);
        if (o == null || o.isDeleting() || isForeign(o)) {
            failures.forget(key);
            return Result.DONE;
        }
        Instant now = clock.now();
        Refresh refresh = Refresh.of(o);
        Optional<Unstructured> secret = Live.find(client, Resources.SECRETS, key.namespace(), ExternalSecrets.target(o))
                .map(Revision::object);
        if (!refresh.isDue(now) && isAsItShould(o, secret)) {
            return refresh.next(now);
        }
        String contradiction = contradiction(o);
        if (!contradiction.isEmpty()) {
            tell(key, o, "could not update secret", contradiction);
            return Result.DONE;
        }
        Map<String, byte[]> fetched;
        try (Fetch fetch = new Fetch(stores, o, what -> events.normal(o, "MissingProviderSecret", what))) {
            fetched = fetch.all();
        } catch (ProviderException e) {
            return failed(key, o, "could not get secret data from provider", e.text());
        }
        return apply(key, o, secret, fetched, refresh, now);
    }

    /** One of whose stores is for another controller. */
    private boolean isForeign(Unstructured o) {
        for (StoreRef ref : ExternalSecrets.stores(o)) {
            try {
                if (!ref.name().isEmpty() && !ExternalSecrets.isOurs(stores.find(ref, o.namespace()))) {
                    return true;
                }
            } catch (ProviderException e) {
                // Told when it is used.
            }
        }
        return false;
    }

    /** What upstream's webhook refuses, in its words. */
    private static String contradiction(Unstructured o) {
        String creation = ExternalSecrets.creationPolicy(o);
        String deletion = ExternalSecrets.deletionPolicy(o);
        if (deletion.equals("Delete") && !creation.equals("Owner")) {
            return "deletionPolicy=Delete must not be used when the controller doesn't own the secret. Please set"
                    + " creationPolicy=Owner";
        }
        return deletion.equals("Merge") && creation.equals("None")
                ? "deletionPolicy=Merge must not be used with creationPolicy=None. There is no Secret to merge with"
                : "";
    }

    private static boolean isAsItShould(Unstructured o, Optional<Unstructured> secret) {
        String reason = Conditions.find(o, ExternalSecrets.READY)
                .map(c -> c.string("reason"))
                .orElse("");
        return switch (ExternalSecrets.creationPolicy(o)) {
            case "None" -> true;
            case "Merge" -> secret.map(TargetSecret::isUnharmed).orElse(reason.equals("SecretMissing"));
            default -> secret.map(TargetSecret::isUnharmed).orElse(reason.equals("SecretDeleted"));
        };
    }

    private Result apply(
            ObjectKey key,
            Unstructured o,
            Optional<Unstructured> secret,
            Map<String, byte[]> fetched,
            Refresh refresh,
            Instant now) {
        String creation = ExternalSecrets.creationPolicy(o);
        String deletion = ExternalSecrets.deletionPolicy(o);
        try {
            if (fetched.isEmpty() && deletion.equals("Delete")) {
                return delete(key, o, secret, refresh, now);
            }
            if (fetched.isEmpty() && deletion.equals("Retain")) {
                return done(key, o, "SecretSynced", "secret retained due to DeletionPolicy=Retain", refresh, now);
            }
            if (creation.equals("Merge") && secret.isEmpty()) {
                return done(
                        key,
                        o,
                        "SecretMissing",
                        "secret will not be created due to CreationPolicy=Merge",
                        refresh,
                        now);
            }
            if (creation.equals("Owner")) {
                deleteOrphans(o);
            }
            if (!creation.equals("None")) {
                write(o, secret, TargetSecret.of(secret, o, fetched));
            }
            return done(key, o, "SecretSynced", "secret synced", refresh, now);
        } catch (TargetSecret.OwnedException e) {
            tell(key, o, e.condition(), String.valueOf(e.getMessage()));
            return Result.DONE;
        } catch (ImmutableException e) {
            tell(key, o, "could not update secret, target is immutable", String.valueOf(e.getMessage()));
            return Result.DONE;
        } catch (IllegalArgumentException e) {
            return failed(
                    key,
                    o,
                    "could not update secret",
                    "unable to mutate secret " + ExternalSecrets.target(o) + ": " + e.getMessage());
        } catch (StatusException e) {
            if (Live.isTerminating(e)) {
                return Result.DONE;
            }
            if (e.isConflict() || e.isAlreadyExists() || e.isNotFound()) {
                throw e;
            }
            return failed(
                    key,
                    o,
                    "could not update secret",
                    "unable to update secret " + ExternalSecrets.target(o) + ": " + reason(e));
        }
    }

    /** Of what is invalid only where it is: the value may be secret, from a template of labels. */
    private static String reason(StatusException e) {
        List<String> fields = e.details().objects("causes").stream()
                .map(c -> c.string("field"))
                .filter(f -> !f.isEmpty())
                .distinct()
                .toList();
        if (e.code() == 422) {
            return "it is invalid: " + String.join(", ", fields);
        }
        return e.code() >= 500 ? "the server failed" : String.valueOf(e.getMessage());
    }

    private Result delete(ObjectKey key, Unstructured o, Optional<Unstructured> secret, Refresh refresh, Instant now) {
        if (secret.isPresent() && !TargetSecret.isOwnedBy(secret.get(), o)) {
            tell(
                    key,
                    o,
                    "could not delete secret",
                    "unable to delete secret " + ExternalSecrets.target(o) + ": it is not owned by this"
                            + " ExternalSecret");
            return refresh.next(now, now);
        }
        if (secret.isPresent() && Live.delete(client, Resources.SECRETS, secret.get())) {
            events.normal(o, "Deleted", "secret deleted due to DeletionPolicy=Delete");
        }
        return done(key, o, "SecretDeleted", "secret deleted due to DeletionPolicy=Delete", refresh, now);
    }

    /** What it made under another name. */
    private void deleteOrphans(Unstructured o) {
        Map.Entry<String, String> created = TargetSecret.createdBy(o);
        for (Revision s : client.list(
                        Resources.SECRETS,
                        o.namespace(),
                        ListOptions.labels(created.getKey() + "=" + created.getValue()))
                .items()) {
            boolean orphan = !s.name().equals(ExternalSecrets.target(o)) && TargetSecret.isOwnedBy(s.object(), o);
            if (orphan && Live.delete(client, Resources.SECRETS, s.object())) {
                events.normal(o, "Deleted", "secret deleted because it was orphaned");
            }
        }
    }

    private void write(Unstructured o, Optional<Unstructured> before, Unstructured next) throws ImmutableException {
        WriteOptions options = WriteOptions.DEFAULT.as(TargetSecret.manager(o));
        if (before.isEmpty()) {
            client.create(Resources.SECRETS, next.namespace(), next, options);
            events.normal(o, "Created", "secret created");
            return;
        }
        Unstructured secret = before.get();
        if (next.equals(secret)) {
            return;
        }
        boolean same = secret.strings("data").equals(next.strings("data"))
                && secret.string("type").equals(next.string("type"));
        if (secret.bool("immutable") && !same) {
            throw new ImmutableException(secret.name());
        }
        client.update(Resources.SECRETS, next, options);
        events.normal(o, "Updated", "secret updated");
    }

    private Result done(ObjectKey key, Unstructured o, String reason, String message, Refresh refresh, Instant now) {
        failures.forget(key);
        Unstructured status = ready(o, "True", reason, message)
                .set(now, "refreshTime")
                .set(Refresh.version(o), "syncedResourceVersion");
        if (reason.equals("SecretSynced") && !ExternalSecrets.creationPolicy(o).equals("None")) {
            status.set(new TreeMap<>(Map.of("name", ExternalSecrets.target(o))), "binding");
        }
        statuses.write(o, status);
        return refresh.next(now, now);
    }

    private Result failed(ObjectKey key, Unstructured o, String condition, String why) {
        tell(key, o, condition, why);
        return Result.after(failures.delay(key));
    }

    private void tell(ObjectKey key, Unstructured o, String condition, String why) {
        if (failures.add(key, why)) {
            LOG.log(System.Logger.Level.WARNING, condition + ": ExternalSecret " + key + ": " + why.replace('\n', ' '));
            events.warning(o, "UpdateFailed", why);
        }
        statuses.write(o, ready(o, "False", "SecretSyncedError", condition));
    }

    private Unstructured ready(Unstructured o, String value, String reason, String message) {
        List<Unstructured> conditions = Conditions.of(o);
        Conditions.set(conditions, ExternalSecrets.READY, value, reason, message, clock.now());
        return o.object("status").copy().set(conditions, "conditions");
    }

    private static final class ImmutableException extends Exception {
        ImmutableException(String name) {
            super("unable to update secret " + name + ": secret is immutable");
        }
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
