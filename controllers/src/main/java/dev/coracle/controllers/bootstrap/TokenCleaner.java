package dev.coracle.controllers.bootstrap;

import dev.coracle.client.Client;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.List;

/** Deletes tokens when they are over. */
public final class TokenCleaner implements Controller, Reconciler {
    private final Client client;
    private final Clock clock;
    private final Informer secrets;
    private final Loop loop;

    public TokenCleaner(ControllerContext world) {
        this.client = world.client();
        this.clock = world.environment().clock();
        this.loop = new Loop(world, "token_cleaner", 1);
        this.secrets = loop.watches(
                Resources.SECRETS,
                (before, after) ->
                        after != null && BootstrapToken.isToken(after.object()) ? List.of(after.key()) : List.of());
        loop.start(this);
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured secret = secrets.get(key)
                .map(Revision::object)
                .filter(BootstrapToken::isToken)
                .orElse(null);
        if (secret == null) {
            return Result.DONE;
        }
        Duration left = BootstrapToken.ends(secret)
                .map(end -> Duration.between(clock.now(), end))
                .orElse(null);
        if (left != null && left.isPositive()) {
            return Result.after(left);
        }
        if (left != null) {
            Live.delete(client, Resources.SECRETS, secret);
        }
        return Result.DONE;
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
