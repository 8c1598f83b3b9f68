package dev.coracle.controllers.sealedsecrets;

import dev.coracle.client.ListOptions;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the first pair of keys, and a new one every 30 days. The old ones stay: what they sealed lies in repositories. A
 * Secret that is restored from a backup counts as any other.
 */
public final class KeyController implements Controller, Reconciler {
    static final Duration RENEWAL = Duration.ofDays(30);
    private static final int BITS = 4096;
    /** At the most, and on a slow machine. */
    private static final Duration MAKING = Duration.ofSeconds(30);

    private static final ObjectKey KEYS = new ObjectKey(KeyRing.NAMESPACE, KeyRing.PREFIX);
    private static final ListOptions ACTIVE = ListOptions.labels(KeyRing.LABEL + "=" + KeyRing.ACTIVE);

    private final ControllerContext world;
    private final Supplier<KeyPair> maker;
    private final Loop loop;
    private final AtomicReference<@Nullable KeyPair> made = new AtomicReference<>();
    private volatile Tasks.@Nullable Task making;

    public KeyController(ControllerContext world) {
        this(world, KeyController::pair);
    }

    /** @param maker of pairs; the real one takes seconds */
    KeyController(ControllerContext world, Supplier<KeyPair> maker) {
        this.world = world;
        this.maker = maker;
        this.loop = new Loop(world, "sealed_secrets_keys", 1);
        loop.watches(Resources.SECRETS, (before, after) -> isKey(before) != isKey(after) ? List.of(KEYS) : List.of());
        loop.add(KEYS);
        loop.start(this);
    }

    private static boolean isKey(@Nullable Revision secret) {
        return secret != null && KeyRing.isKey(secret);
    }

    /** Asks the server itself: a copy that is behind would have a second key made. */
    @Override
    public Result reconcile(ObjectKey key) {
        Instant now = world.environment().clock().now();
        var secrets = world.client()
                .list(Resources.SECRETS, KeyRing.NAMESPACE, ACTIVE)
                .items();
        Instant due = new KeyRing(() -> secrets)
                .newest()
                .map(k -> k.since().plus(RENEWAL))
                .orElse(now);
        // Each pair is tried once: it may be kept though its answer got lost.
        KeyPair pair = made.getAndSet(null);
        if (pair != null) {
            making = null;
        }
        if (due.isAfter(now)) {
            return Result.after(Duration.between(now, due));
        }
        if (pair == null) {
            if (making == null) {
                making = world.environment().tasks().startApart("sealed-secrets-key", this::make);
            }
            return Result.DONE;
        }
        BigInteger serial = new BigInteger(1, world.environment().entropy().bytes(16));
        world.client()
                .create(
                        Resources.SECRETS,
                        KeyRing.NAMESPACE,
                        SealingKey.of(pair, now, serial).secret(),
                        WriteOptions.DEFAULT);
        return Result.after(RENEWAL);
    }

    /** To find the primes takes many seconds of a processor, which the other tasks would have to wait for. */
    private void make() {
        made.set(maker.get());
        loop.add(KEYS);
    }

    private static KeyPair pair() {
        try {
            KeyPairGenerator g = KeyPairGenerator.getInstance("RSA");
            g.initialize(BITS);
            return g.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }

    @Override
    public void close() {
        loop.queue().close();
        Tasks.Task task = making;
        if (task != null) {
            try {
                boolean unused = task.join(MAKING);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
