package dev.coracle.controllers.externalsecrets;

import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What an ExternalSecret makes of a Secret. Keys, labels and annotations of others stay: which are its own is read in the
 * Secret's managed fields, where they stand under {@link #manager}.
 */
final class TargetSecret {
    private static final String MANAGED = "reconcile.external-secrets.io/managed";
    private static final String CREATED_BY = "reconcile.external-secrets.io/created-by";
    private static final String DATA_HASH = "reconcile.external-secrets.io/data-hash";
    /** The ExternalSecret as somebody applied it, which would be taken for the Secret's. */
    private static final String APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    private static final int LONGEST_MANAGER = 128;

    /** It belongs to somebody, and cannot be taken. */
    static final class OwnedException extends Exception {
        private final String condition;

        OwnedException(String condition, String message) {
            super(message);
            this.condition = condition;
        }

        String condition() {
            return condition;
        }
    }

    private TargetSecret() {}

    static String manager(Unstructured externalSecret) {
        String prefix = "externalsecrets.external-secrets.io/";
        String name = externalSecret.name();
        return prefix + (prefix.length() + name.length() <= LONGEST_MANAGER ? name : Hash.of(name));
    }

    /** Of all that one ExternalSecret created, whatever it is called. */
    static Map.Entry<String, String> createdBy(Unstructured externalSecret) {
        return Map.entry(CREATED_BY, Hash.of(externalSecret.namespace() + "/" + externalSecret.name()));
    }

    static boolean isManaged(Unstructured secret) {
        return "true".equals(secret.labels().get(MANAGED));
    }

    /** Whether it is still what it was made. */
    static boolean isUnharmed(Unstructured secret) {
        return isManaged(secret)
                && Hash.of(secret.strings("data")).equals(secret.annotations().get(DATA_HASH));
    }

    static boolean isOwnedBy(Unstructured secret, Unstructured externalSecret) {
        return secret.controllerOf()
                .filter(o -> o.uid().equals(externalSecret.uid()))
                .isPresent();
    }

    /**
     * @param before the Secret that is there, if any
     * @throws IllegalArgumentException when a template cannot be filled in; without any value
     */
    static Unstructured of(Optional<Unstructured> before, Unstructured externalSecret, Map<String, byte[]> fetched)
            throws OwnedException {
        Unstructured secret = before.map(Unstructured::copy)
                .orElseGet(() -> Unstructured.of(
                        "v1", "Secret", externalSecret.namespace(), ExternalSecrets.target(externalSecret)));
        own(secret, externalSecret);
        Map<String, String> data = secret.strings("data");
        Map<String, String> labels = secret.labels();
        Map<String, String> annotations = secret.annotations();
        List<Unstructured> mine = mine(secret, manager(externalSecret));
        for (Unstructured fields : mine) {
            forget(fields.object("f:data"), data);
            forget(fields.object("f:metadata", "f:labels"), labels);
            forget(fields.object("f:metadata", "f:annotations"), annotations);
        }

        Unstructured target = externalSecret.object("spec", "target");
        Unstructured template = target.object("template");
        filled(template, fetched)
                .forEach((k, v) -> data.put(k, Base64.getEncoder().encodeToString(v)));
        if (target.has("template")) {
            texts(template, "labels", fetched, labels);
            texts(template, "annotations", fetched, annotations);
        } else {
            labels.putAll(externalSecret.labels());
            annotations.putAll(externalSecret.annotations());
            annotations.remove(APPLIED);
        }
        if (template.has("type")) {
            secret.set(template.string("type"), "type");
        }
        if (target.bool("immutable")) {
            secret.set(true, "immutable");
        }
        if (ExternalSecrets.creationPolicy(externalSecret).equals("Owner")) {
            labels.put(CREATED_BY, createdBy(externalSecret).getValue());
        } else {
            labels.remove(CREATED_BY);
        }
        labels.put(MANAGED, "true");
        annotations.put(DATA_HASH, Hash.of(data));
        return secret.set(data.isEmpty() ? null : new TreeMap<>(data), "data")
                .set(new TreeMap<>(labels), "metadata", "labels")
                .set(new TreeMap<>(annotations), "metadata", "annotations");
    }

    private static void own(Unstructured secret, Unstructured externalSecret) throws OwnedException {
        OwnerReference owner = secret.controllerOf().orElse(null);
        boolean ofKind = owner != null
                && owner.kind().equals(ExternalSecrets.KIND)
                && owner.apiVersion().startsWith(ExternalSecrets.GROUP + "/");
        boolean own = ofKind && Objects.requireNonNull(owner).name().equals(externalSecret.name());
        if (ofKind && !own) {
            throw new OwnedException(
                    "target is owned by another ExternalSecret",
                    "secret is owned by another ExternalSecret: "
                            + Objects.requireNonNull(owner).name());
        }
        boolean wants = ExternalSecrets.creationPolicy(externalSecret).equals("Owner");
        if (wants && owner != null && !own) {
            throw new OwnedException(
                    "failed to take ownership of target secret",
                    "could not set controller reference on secret: Object " + secret.namespace() + "/" + secret.name()
                            + " is already owned by another " + owner.kind() + " controller " + owner.name());
        }
        if (own) {
            String uid = Objects.requireNonNull(owner).uid();
            List<Unstructured> others = secret.objects("metadata", "ownerReferences").stream()
                    .filter(o -> !o.string("uid").equals(uid))
                    .toList();
            secret.set(others.isEmpty() ? null : others, "metadata", "ownerReferences");
        }
        if (wants) {
            secret.addOwner(new OwnerReference(
                    ExternalSecrets.RESOURCE.apiVersion(),
                    ExternalSecrets.KIND,
                    externalSecret.name(),
                    externalSecret.uid(),
                    true,
                    true));
        }
    }

    private static List<Unstructured> mine(Unstructured secret, String manager) {
        List<Unstructured> mine = new ArrayList<>();
        for (Unstructured entry : secret.objects("metadata", "managedFields")) {
            if (entry.string("manager").equals(manager)) {
                mine.add(entry.object("fieldsV1"));
            }
        }
        return mine;
    }

    private static void forget(Unstructured fields, Map<String, String> of) {
        fields.map().keySet().forEach(f -> {
            if (f.startsWith("f:")) {
                of.remove(f.substring(2));
            }
        });
    }

    private static Map<String, byte[]> filled(Unstructured template, Map<String, byte[]> fetched) {
        Map<String, String> texts = template.strings("data");
        if (texts.isEmpty()) {
            return fetched;
        }
        Map<String, byte[]> all = new TreeMap<>();
        if (template.string("mergePolicy").equals("Merge")) {
            all.putAll(fetched);
        }
        texts.forEach((k, text) -> {
            try {
                all.put(k, Template.render(k, text, fetched));
            } catch (IllegalArgumentException e) {
                throw wrong(k, e);
            }
        });
        return all;
    }

    private static void texts(
            Unstructured template, String what, Map<String, byte[]> fetched, Map<String, String> into) {
        template.strings("metadata", what).forEach((k, text) -> {
            try {
                into.put(k, Template.renderText(k, text, fetched));
            } catch (IllegalArgumentException e) {
                throw wrong(k, e);
            }
        });
    }

    private static IllegalArgumentException wrong(String key, IllegalArgumentException e) {
        return new IllegalArgumentException("could not apply template: could not execute template: unable to execute"
                + " template at key " + key + ": " + e.getMessage());
    }
}
