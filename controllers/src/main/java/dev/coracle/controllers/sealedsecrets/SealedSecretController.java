package dev.coracle.controllers.sealedsecrets;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
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
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes of each SealedSecret its Secret, and keeps it so. What does not open waits for another key or another SealedSecret;
 * of what was told once, in an event and the condition, nothing is told again.
 */
public final class SealedSecretController implements Controller, Reconciler {
    private static final String SYNCED = "Synced";

    private final Client client;
    private final Clock clock;
    private final EventRecorder events;
    private final Informer sealed;
    private final KeyRing keys;
    private final StatusPatch statuses;
    private final Loop loop;

    public SealedSecretController(ControllerContext world, EventRecorder events) {
        this.client = world.client();
        this.clock = world.environment().clock();
        this.events = events;
        this.loop = new Loop(world, "sealed_secrets", 2);
        this.sealed = loop.watches(SealedSecrets.RESOURCE, SealedSecretController::changed);
        Informer secrets = loop.watches(Resources.SECRETS, this::concerned);
        this.keys = new KeyRing(() -> secrets.list(KeyRing.NAMESPACE));
        this.statuses = new StatusPatch(client, SealedSecrets.RESOURCE);
        loop.start(this);
    }

    /** Not by what is written into its status. */
    private static Collection<ObjectKey> changed(@Nullable Revision before, @Nullable Revision after) {
        boolean same = before != null
                && after != null
                && before.uid().equals(after.uid())
                && before.object().generation() == after.object().generation()
                && before.object().annotations().equals(after.object().annotations());
        return same
                ? List.of()
                : List.of(Objects.requireNonNull(after != null ? after : before).key());
    }

    /** Whom a Secret concerns: the SealedSecret of its name; a key those that none opened so far. */
    private Collection<ObjectKey> concerned(@Nullable Revision before, @Nullable Revision after) {
        Revision secret = after != null ? after : before;
        if (secret == null
                || before != null && after != null && Target.seen(before).equals(Target.seen(after))) {
            return List.of();
        }
        if (KeyRing.isKey(secret)) {
            return sealed.list().stream()
                    .filter(s -> !Conditions.isTrue(s.object(), SYNCED))
                    .map(Revision::key)
                    .toList();
        }
        return sealed.get(secret.key()).isPresent() ? List.of(secret.key()) : List.of();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured o = sealed.get(key).map(Revision::object).orElse(null);
        if (o == null || o.isDeleting()) {
            return Result.DONE;
        }
        Unstructured wanted;
        try {
            wanted = SealedSecrets.unseal(o, keys.openers());
        } catch (UnsealException e) {
            String why = String.valueOf(e.getMessage());
            tell(o, why, "ErrUnsealFailed", "Failed to unseal: " + why);
            return Result.DONE;
        }
        try {
            boolean changed = apply(wanted, o);
            if (write(o, "") || changed) {
                events.normal(o, "Unsealed", "SealedSecret unsealed successfully");
            }
            return Result.DONE;
        } catch (UnmanagedException e) {
            String why = String.valueOf(e.getMessage());
            tell(o, "failed update: " + why, "ErrUpdateFailed", why);
            return Result.DONE;
        } catch (StatusException e) {
            return refused(key, o, e);
        }
    }

    /** True when there was something to write. */
    private boolean apply(Unstructured wanted, Unstructured o) throws UnmanagedException {
        Optional<Unstructured> there = Live.find(client, Resources.SECRETS, wanted.namespace(), wanted.name())
                .map(Revision::object);
        if (there.isEmpty()) {
            client.create(Resources.SECRETS, wanted.namespace(), wanted, WriteOptions.DEFAULT);
            return true;
        }
        Unstructured next = Target.of(there.get(), o.uid())
                .orElseThrow(() -> new UnmanagedException(wanted.name()))
                .with(wanted);
        if (next.equals(there.get())) {
            return false;
        }
        client.update(Resources.SECRETS, next, WriteOptions.DEFAULT);
        return true;
    }

    private Result refused(ObjectKey key, Unstructured o, StatusException e) {
        boolean race = e.isConflict() || e.isAlreadyExists() || e.isNotFound();
        if (Live.isTerminating(e)) {
            return Result.DONE;
        }
        if (race) {
            throw e;
        }
        String why = String.valueOf(e.getMessage());
        boolean immutable = why.endsWith("field is immutable when `immutable` is set");
        tell(
                o,
                why,
                "ErrUpdateFailed",
                immutable
                        ? "Error updating " + key + ": the target Secret is immutable. Once a Secret is marked as"
                                + " immutable, it is not possible to revert this change nor to mutate the contents of"
                                + " the data field. You can only delete and recreate the Secret."
                        : why);
        if (immutable) {
            return Result.DONE;
        }
        throw e;
    }

    private void tell(Unstructured o, String condition, String reason, String message) {
        if (write(o, condition)) {
            events.warning(o, reason, message);
        }
    }

    /** Whether that is news. */
    private boolean write(Unstructured o, String wrong) {
        String value = wrong.isEmpty() ? "True" : "False";
        boolean known = o.integer(-1, "status", "observedGeneration") == o.generation()
                && Conditions.find(o, SYNCED)
                        .filter(c -> c.string("status").equals(value)
                                && c.string("message").equals(wrong))
                        .isPresent();
        if (known) {
            return false;
        }
        Instant now = clock.now();
        List<Unstructured> conditions = Conditions.of(o);
        Conditions.set(conditions, SYNCED, value, "", wrong, now).set(now, "lastUpdateTime");
        Unstructured status =
                o.object("status").copy().set(conditions, "conditions").set(o.generation(), "observedGeneration");
        return statuses.write(o, status);
    }

    /** There is a Secret that belongs to somebody else. */
    private static final class UnmanagedException extends Exception {
        UnmanagedException(String name) {
            super("Resource \"" + name + "\" already exists and is not managed by SealedSecret");
        }
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
