package dev.coracle.controllers.sealedsecrets;

import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** From Secrets to SealedSecrets and back, as {@code pkg/apis/sealedsecrets/v1alpha1} does it. */
public final class SealedSecrets {
    public static final GroupVersionResource RESOURCE =
            new GroupVersionResource("bitnami.com", "v1alpha1", "sealedsecrets");
    public static final String KIND = "SealedSecret";
    /** Of the certificate's Service, in the namespace {@link KeyRing#NAMESPACE}. */
    public static final String SERVICE = "sealed-secrets-controller";

    private static final String NO_OWNER = "sealedsecrets.bitnami.com/skip-set-owner-references";
    /** They hold a whole object, values and all, where an object was applied. */
    private static final List<String> TELLTALE = List.of(
            "kubectl.kubernetes.io/last-applied-configuration", "kubecfg.ksonnet.io/last-applied-configuration");
    /** What the server adds to an object, besides the owners, who are others where it is sealed for. */
    private static final List<String> OF_THE_SERVER = List.of(
            "selfLink",
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "managedFields",
            "ownerReferences");

    private SealedSecrets() {}

    /**
     * A SealedSecret that becomes this Secret, in the scope that its annotations ask for.
     *
     * @throws IllegalArgumentException when it is in no namespace, or a value of its data is not base64
     */
    public static Unstructured seal(Unstructured secret, RSAPublicKey key, Entropy entropy) {
        Scope scope = Scope.of(secret);
        if (scope != Scope.CLUSTER_WIDE && secret.namespace().isEmpty()) {
            throw new IllegalArgumentException("secret must declare a namespace");
        }
        String label = scope.label(secret.namespace(), secret.name());
        Map<String, Object> values = new TreeMap<>();
        secret.strings("data").forEach((k, v) -> values.put(k, sealed(k, v, key, label, entropy)));
        secret.strings("stringData")
                .forEach((k, v) -> values.put(k, sealed(v.getBytes(StandardCharsets.UTF_8), key, label, entropy)));

        Unstructured metadata = secret.object("metadata").copy();
        OF_THE_SERVER.forEach(metadata::remove);
        TELLTALE.forEach(a -> metadata.remove("annotations", a));
        Unstructured template = new Unstructured(new LinkedHashMap<>())
                .set(metadata, "metadata")
                .set(secret.get("type"), "type")
                .set(secret.get("immutable"), "immutable");
        Map<String, String> annotations = scope.in(Map.of());
        return Unstructured.of(RESOURCE.apiVersion(), KIND)
                .set(secret.name(), "metadata", "name")
                .set(secret.get("metadata", "namespace"), "metadata", "namespace")
                .set(annotations.isEmpty() ? null : annotations, "metadata", "annotations")
                .set(values, "spec", "encryptedData")
                .set(template, "spec", "template");
    }

    /** The Secret with the annotations of a scope, and no other. */
    public static Unstructured scoped(Unstructured secret, Scope scope) {
        return secret.copy().set(scope.in(secret.annotations()), "metadata", "annotations");
    }

    private static String sealed(String name, String base64, RSAPublicKey key, String label, Entropy entropy) {
        try {
            return sealed(Base64Text.decode(base64), key, label, entropy);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("data." + name + ": " + e.getMessage());
        }
    }

    private static String sealed(byte[] value, RSAPublicKey key, String label, Entropy entropy) {
        return Base64.getEncoder().encodeToString(SealedValue.seal(value, key, label, entropy));
    }

    /**
     * The Secret, whole.
     *
     * @throws UnsealException when any part of it does not open, with upstream's words
     */
    static Unstructured unseal(Unstructured sealed, List<PrivateKey> keys) throws UnsealException {
        if (!sealed.string("spec", "data").isEmpty()) {
            throw new UnsealException("using deprecated 'data' field, use 'encryptedData' or flip the feature flag");
        }
        Unstructured template = sealed.object("spec", "template");
        Unstructured secret = Unstructured.of("v1", "Secret", sealed.namespace(), sealed.name())
                .set(ofTemplate(template, "labels"), "metadata", "labels")
                .set(ofTemplate(template, "annotations"), "metadata", "annotations")
                .set(template.stringOr("Opaque", "type"), "type")
                .set(template.get("immutable"), "immutable");
        Map<String, String> data = new TreeMap<>();
        values(sealed, keys).forEach((k, v) -> data.put(k, Base64.getEncoder().encodeToString(v)));
        if (!data.isEmpty()) {
            secret.set(data, "data");
        }
        if (!"true".equals(template.annotations().get(NO_OWNER))) {
            secret.add(
                    new Unstructured(new LinkedHashMap<>())
                            .set(RESOURCE.apiVersion(), "apiVersion")
                            .set(KIND, "kind")
                            .set(sealed.name(), "name")
                            .set(sealed.uid(), "uid")
                            .set(true, "controller"),
                    "metadata",
                    "ownerReferences");
        }
        return secret;
    }

    private static @Nullable Map<String, String> ofTemplate(Unstructured template, String what) {
        Map<String, String> found = template.strings("metadata", what);
        return found.isEmpty() ? null : found;
    }

    /** All of them, or none: with what is wrong with which keys, those of one fault together. */
    private static Map<String, byte[]> values(Unstructured sealed, List<PrivateKey> keys) throws UnsealException {
        String label = Scope.of(sealed).label(sealed.namespace(), sealed.name());
        Map<String, byte[]> values = new TreeMap<>();
        Map<String, String> texts = new TreeMap<>();
        Map<String, List<String>> faults = new LinkedHashMap<>();
        new TreeMap<>(sealed.strings("spec", "encryptedData")).forEach((name, text) -> {
            try {
                Optional<byte[]> opened = SealedValue.open(Base64Text.decode(text), keys, label);
                byte[] value = opened.orElseThrow(() -> new IllegalArgumentException("no key could decrypt secret"));
                values.put(name, value);
                texts.put(name, new String(value, StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                fault(faults, name, e);
            }
        });
        if (faults.isEmpty()) {
            sealed.object("spec", "template", "data").map().forEach((name, text) -> {
                try {
                    if (text == null) {
                        values.remove(name);
                    } else {
                        values.put(
                                name,
                                DataTemplate.render(name, String.valueOf(text), texts)
                                        .getBytes(StandardCharsets.UTF_8));
                    }
                } catch (IllegalArgumentException e) {
                    fault(faults, name, e);
                }
            });
        }
        if (!faults.isEmpty()) {
            List<String> all = faults.entrySet().stream()
                    .map(f -> f.getKey() + " (" + String.join(", ", f.getValue()) + ")")
                    .toList();
            throw new UnsealException(String.join("; ", all));
        }
        return values;
    }

    private static void fault(Map<String, List<String>> faults, String name, IllegalArgumentException e) {
        faults.computeIfAbsent(String.valueOf(e.getMessage()), m -> new ArrayList<>())
                .add(name);
    }
}
