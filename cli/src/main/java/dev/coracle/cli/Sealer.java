package dev.coracle.cli;

import dev.coracle.client.https.Transport;
import dev.coracle.client.pem.Pem;
import dev.coracle.controllers.sealedsecrets.Scope;
import dev.coracle.controllers.sealedsecrets.SealedSecrets;
import dev.coracle.controllers.sealedsecrets.SealedValue;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code kubeseal} does, from texts to texts and with its words. */
final class Sealer {
    private static final String SERVER =
            "/api/v1/namespaces/kube-system/services/http:" + SealedSecrets.SERVICE + ":/proxy/v1/";
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MMMM d, yyyy", Locale.ENGLISH);

    private final Environment environment;

    Sealer(Environment environment) {
        this.environment = environment;
    }

    /** The cluster's newest, PEM. */
    static String certificate(Transport api) {
        try {
            return new String(
                    api.exchange("GET", SERVER + "cert.pem", "application/x-pem-file, */*", "", new byte[0]),
                    StandardCharsets.US_ASCII);
        } catch (StatusException e) {
            String hint = e.code() == 500
                    ? "\nThe first key takes some seconds to make; try again in a moment"
                    : e.code() == 404 || e.code() == 503
                            ? "\nDoes the cluster have sealed secrets? Start it with `coracle up --with sealed-secrets`"
                            : "";
            throw new IllegalStateException("cannot fetch certificate: " + e.getMessage() + hint);
        }
    }

    /** Whether the cluster can open it is told by whether this returns. */
    static void validate(Transport api, String sealed) {
        try {
            post(api, "verify", sealed);
        } catch (StatusException e) {
            throw new IllegalStateException(
                    e.code() == 409
                            ? "unable to decrypt sealed secret"
                            : "cannot validate sealed secret: " + e.getMessage());
        }
    }

    /** The same, sealed with the cluster's newest key. */
    static Unstructured reEncrypt(Transport api, String sealed) {
        try {
            return Unstructured.parse(post(api, "rotate", sealed));
        } catch (StatusException e) {
            throw new IllegalStateException("cannot re-encrypt secret: " + e.getMessage());
        }
    }

    private static byte[] post(Transport api, String what, String sealed) {
        byte[] body = Json.bytes(object(sealed).map());
        return api.exchange("POST", SERVER + what, "*/*", "application/json", body);
    }

    /** Who seals with a certificate that is over would seal for a key that may be gone. */
    RSAPublicKey key(String pem) {
        X509Certificate certificate;
        try {
            certificate = Pem.certificates(pem).getFirst();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("data does not contain any valid RSA or ECDSA certificates");
        }
        PublicKey key = certificate.getPublicKey();
        if (!(key instanceof RSAPublicKey rsa)) {
            throw new IllegalArgumentException("expected RSA public key but found " + key.getAlgorithm());
        }
        var end = certificate.getNotAfter().toInstant();
        if (environment.clock().now().isAfter(end)) {
            throw new IllegalArgumentException(
                    "failed to encrypt using an expired certificate on " + DAY.format(end.atOffset(ZoneOffset.UTC)));
        }
        return rsa;
    }

    /**
     * @param scope {@link Scope#STRICT} leaves it to the Secret's annotations
     * @param name instead of the Secret's own, unless it is empty
     * @param namespace of a Secret that names none
     * @param allowEmpty whether one without any value is sealed too
     */
    Unstructured seal(String text, RSAPublicKey key, Scope scope, String name, String namespace, boolean allowEmpty) {
        Unstructured secret = object(text);
        if (!secret.kind().equals("Secret") || !secret.apiVersion().equals("v1")) {
            throw new IllegalArgumentException(
                    "a Secret of v1 is expected, not a \"" + secret.kind() + "\" of \"" + secret.apiVersion() + "\"");
        }
        for (String field : List.of("data", "stringData")) {
            checkTexts(secret, field);
        }
        if (secret.strings("data").isEmpty() && secret.strings("stringData").isEmpty() && !allowEmpty) {
            throw new IllegalArgumentException("secret.data is empty in input Secret, assuming this is an error and"
                    + " aborting. To work with empty data, --allow-empty-data can be used");
        }
        if (!name.isEmpty()) {
            secret.set(name, "metadata", "name");
        }
        if (secret.name().isEmpty()) {
            throw new IllegalArgumentException("missing metadata.name in input Secret");
        }
        Unstructured scoped = scope == Scope.STRICT ? secret : SealedSecrets.scoped(secret, scope);
        if (scoped.namespace().isEmpty() && Scope.of(scoped) != Scope.CLUSTER_WIDE) {
            scoped.set(namespace, "metadata", "namespace");
        }
        return SealedSecrets.seal(scoped, key, environment.entropy());
    }

    /** Nothing is quoted: what stands there may be secret. */
    private static void checkTexts(Unstructured secret, String field) {
        secret.object(field).map().forEach((name, value) -> {
            if (value != null && !(value instanceof String)) {
                throw new IllegalArgumentException("Secret." + field + "." + name + " must be a string: quote it");
            }
        });
    }

    /** One value, as it goes into {@code spec.encryptedData}. */
    String raw(byte[] value, RSAPublicKey key, Scope scope, String name, String namespace) {
        return Base64.getEncoder()
                .encodeToString(SealedValue.seal(value, key, scope.label(namespace, name), environment.entropy()));
    }

    @SuppressWarnings("unchecked")
    private static Unstructured object(String text) {
        List<Object> documents;
        try {
            documents = Yaml.parseAll(text);
        } catch (MalformedJsonException e) {
            throw new IllegalArgumentException("the input is neither YAML nor JSON");
        }
        if (documents.size() > 1) {
            throw new IllegalArgumentException("Multistream YAML not supported yet: seal one object at a time");
        }
        if (documents.isEmpty() || !(documents.getFirst() instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("the input holds no object");
        }
        return new Unstructured((Map<String, Object>) map);
    }
}
