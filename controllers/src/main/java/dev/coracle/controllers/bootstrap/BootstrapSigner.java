package dev.coracle.controllers.bootstrap;

import dev.coracle.client.Client;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Signs {@code kube-public/cluster-info} with every token that may: {@code data.jws-kubeconfig-ID}. */
public final class BootstrapSigner implements Controller, Reconciler {
    private static final ObjectKey INFO = new ObjectKey("kube-public", "cluster-info");
    private static final String CONTENT = "kubeconfig";
    private static final String SIGNATURE = "jws-kubeconfig-";

    private final Client client;
    private final Clock clock;
    private final Informer maps;
    private final Informer secrets;
    private final Loop loop;

    public BootstrapSigner(ControllerContext world) {
        this.client = world.client();
        this.clock = world.environment().clock();
        this.loop = new Loop(world, "bootstrap_signer_queue", 1);
        this.maps = loop.watches(
                Resources.CONFIG_MAPS,
                (before, after) -> after != null && after.key().equals(INFO) ? List.of(INFO) : List.of());
        this.secrets = loop.watches(
                Resources.SECRETS, (before, after) -> isToken(before) || isToken(after) ? List.of(INFO) : List.of());
        loop.start(this);
    }

    private static boolean isToken(@Nullable Revision secret) {
        return secret != null && BootstrapToken.isToken(secret.object());
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured info = maps.get(key).map(Revision::object).orElse(null);
        if (info == null || !info.has("data", CONTENT)) {
            return Result.DONE;
        }
        Instant now = clock.now();
        List<Unstructured> tokens = secrets.list(BootstrapToken.NAMESPACE).stream()
                .filter(BootstrapSigner::isToken)
                .map(Revision::object)
                .toList();
        Map<String, String> signatures = new TreeMap<>();
        tokens.stream()
                .flatMap(s -> BootstrapToken.of(s, now).stream())
                .forEach(t -> signatures.put(SIGNATURE + t.id(), t.sign(info.string("data", CONTENT))));
        Unstructured next = info.copy();
        info.strings("data").keySet().stream()
                .filter(k -> k.startsWith(SIGNATURE) && !signatures.containsKey(k))
                .forEach(k -> next.remove("data", k));
        signatures.forEach((k, signature) -> next.set(signature, "data", k));
        if (!next.equals(info)) {
            client.update(Resources.CONFIG_MAPS, next, WriteOptions.DEFAULT);
        }
        return firstEnd(tokens, now).map(Result::after).orElse(Result.DONE);
    }

    /** In how long a signature is to go, whether or not somebody takes the token away by then. */
    private static Optional<Duration> firstEnd(List<Unstructured> tokens, Instant now) {
        return tokens.stream()
                .flatMap(t -> BootstrapToken.ends(t).stream())
                .filter(end -> end.isAfter(now))
                .flatMap(end -> Stream.of(Duration.between(now, end)))
                .min(Duration::compareTo);
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
