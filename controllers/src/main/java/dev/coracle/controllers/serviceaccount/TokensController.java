package dev.coracle.controllers.serviceaccount;

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
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fills Secrets of type {@code kubernetes.io/service-account-token} with a token of the account that they name, and deletes
 * them with it ({@code pkg/controller/serviceaccount/tokens_controller.go}). Nobody makes them unasked: pods have tokens that
 * end.
 */
public final class TokensController implements Controller, Reconciler {
    private static final String TYPE = "kubernetes.io/service-account-token";
    private static final String NAME = "kubernetes.io/service-account.name";
    private static final String UID = "kubernetes.io/service-account.uid";
    private static final String BY_ACCOUNT = "service-account";

    private final ControllerContext world;
    private final Informer secrets;
    private final Informer accounts;
    private final Loop loop;

    public TokensController(ControllerContext world) {
        this.world = world;
        this.loop = new Loop(world, "serviceaccount_tokens_secret", 2);
        this.secrets = loop.watches(
                Resources.SECRETS,
                (before, after) -> after != null && isToken(after.object()) ? List.of(after.key()) : List.of());
        secrets.index(
                BY_ACCOUNT,
                r -> isToken(r.object()) ? List.of(account(r.object()).toString()) : List.of());
        this.accounts = loop.watches(Resources.SERVICE_ACCOUNTS, this::ofAccount);
        loop.start(this);
    }

    private static boolean isToken(Unstructured secret) {
        return secret.string("type").equals(TYPE);
    }

    private static ObjectKey account(Unstructured secret) {
        return new ObjectKey(secret.namespace(), secret.annotations().getOrDefault(NAME, ""));
    }

    private List<ObjectKey> ofAccount(@Nullable Revision before, @Nullable Revision after) {
        Revision either = after != null ? after : before;
        return either == null
                ? List.of()
                : secrets.byIndex(BY_ACCOUNT, either.key().toString()).stream()
                        .map(Revision::key)
                        .toList();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured secret = secrets.get(key).map(Revision::object).orElse(null);
        if (secret == null || secret.isDeleting() || !isToken(secret)) {
            return Result.DONE;
        }
        Optional<Unstructured> account = accountOf(secret);
        if (account.isEmpty()) {
            Live.delete(world.client(), Resources.SECRETS, secret);
            return Result.DONE;
        }
        if (world.config().tokens().isEmpty()) {
            return Result.DONE;
        }
        Unstructured next = secret.copy();
        next.set(account.get().uid(), "metadata", "annotations", UID);
        fill(next, "ca.crt", world.config().caCertificate());
        fill(next, "namespace", secret.namespace());
        if (secret.string("data", "token").isEmpty()) {
            fill(next, "token", world.config().tokens().get().sign(account.get(), secret));
        }
        if (!next.equals(secret)) {
            world.client().update(Resources.SECRETS, next, WriteOptions.DEFAULT);
        }
        return Result.DONE;
    }

    /** The account that a secret names, and of its uid if it says one; asked for where the copy has none. */
    private Optional<Unstructured> accountOf(Unstructured secret) {
        ObjectKey key = account(secret);
        String uid = secret.annotations().getOrDefault(UID, "");
        return accounts.get(key)
                .or(() -> Live.find(world.client(), Resources.SERVICE_ACCOUNTS, key.namespace(), key.name()))
                .map(Revision::object)
                .filter(a -> uid.isEmpty() || a.uid().equals(uid));
    }

    private static void fill(Unstructured secret, String key, String text) {
        secret.set(Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)), "data", key);
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
