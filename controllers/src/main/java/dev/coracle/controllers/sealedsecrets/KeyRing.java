package dev.coracle.controllers.sealedsecrets;

import dev.coracle.machinery.object.Revision;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The cluster's keys: the newest seals, all of them open. Each is read once. */
final class KeyRing {
    static final String NAMESPACE = "kube-system";
    static final String PREFIX = "sealed-secrets-key";
    static final String LABEL = "sealedsecrets.bitnami.com/sealed-secrets-key";
    static final String ACTIVE = "active";

    private static final System.Logger LOG = System.getLogger("coracle.sealed-secrets");

    private record Known(long version, Optional<SealingKey> key) {}

    private final Supplier<? extends Collection<Revision>> secrets;
    /** By the Secret's uid. */
    private Map<String, Known> known = new HashMap<>();

    /** @param secrets those of the namespace, at least */
    KeyRing(Supplier<? extends Collection<Revision>> secrets) {
        this.secrets = secrets;
    }

    static boolean isKey(Revision secret) {
        return secret.namespace().equals(NAMESPACE)
                && ACTIVE.equals(secret.labels().get(LABEL));
    }

    /** The newest first. */
    synchronized List<SealingKey> keys() {
        Map<String, Known> now = new HashMap<>();
        for (Revision secret : secrets.get()) {
            if (isKey(secret)) {
                Known before = known.get(secret.uid());
                now.put(
                        secret.uid(),
                        before != null && before.version() == secret.version()
                                ? before
                                : new Known(secret.version(), read(secret)));
            }
        }
        known = now;
        return now.values().stream()
                .flatMap(k -> k.key().stream())
                .sorted(Comparator.comparing(SealingKey::since).reversed())
                .toList();
    }

    List<PrivateKey> openers() {
        return keys().stream().map(SealingKey::key).toList();
    }

    Optional<SealingKey> newest() {
        return keys().stream().findFirst();
    }

    /** One that nobody can read does not keep the others from their work. */
    private static Optional<SealingKey> read(Revision secret) {
        try {
            return Optional.of(SealingKey.of(secret.object()));
        } catch (GeneralSecurityException e) {
            LOG.log(System.Logger.Level.WARNING, "Error reading key " + secret.name() + ": " + e.getMessage());
            return Optional.empty();
        }
    }
}
