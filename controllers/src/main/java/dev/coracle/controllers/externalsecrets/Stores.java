package dev.coracle.controllers.externalsecrets;

import dev.coracle.client.Client;
import dev.coracle.controllers.externalsecrets.ExternalSecrets.StoreRef;
import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Live;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Opens stores: finds the credentials that they name and makes a {@link Provider} of them. A SecretStore reaches for the
 * Secrets of its own namespace only; whose ClusterSecretStore names no namespace means that of the ExternalSecret.
 */
final class Stores {
    private static final long TOKEN_SECONDS = 600;

    private final Client client;
    private final Clock clock;
    private final Outbound outbound;
    private final String awsEndpoint;

    /** @param awsEndpoint for every region; empty for AWS's own */
    Stores(Client client, Clock clock, Outbound outbound, String awsEndpoint) {
        this.client = client;
        this.clock = clock;
        this.outbound = outbound;
        this.awsEndpoint = awsEndpoint;
    }

    Unstructured find(StoreRef ref, String namespace) throws ProviderException {
        try {
            return ref.isOfCluster()
                    ? client.get(ExternalSecrets.CLUSTER_STORES, "", ref.name()).object()
                    : client.get(ExternalSecrets.STORES, namespace, ref.name()).object();
        } catch (StatusException e) {
            throw ProviderException.configuration(
                    "could not get " + ref.kind() + " \"" + ref.name() + "\", " + e.getMessage());
        }
    }

    /** The store of an ExternalSecret in that namespace, when it may be used from there and is known to answer. */
    Provider use(StoreRef ref, String namespace) throws ProviderException {
        if (ref.name().isEmpty()) {
            throw ProviderException.configuration("there is neither spec.secretStoreRef nor sourceRef.storeRef");
        }
        Unstructured store = find(ref, namespace);
        if (!ExternalSecrets.isOurs(store)) {
            throw ProviderException.configuration("can not reference unmanaged store");
        }
        if (ref.isOfCluster() && !isAllowed(store, namespace)) {
            throw ProviderException.configuration("using cluster store \"" + ref.name()
                    + "\" is not allowed from namespace \"" + namespace + "\": denied by spec.condition");
        }
        if (!Conditions.isTrue(store, ExternalSecrets.READY)) {
            throw ProviderException.configuration("the desired " + ref.kind() + " " + ref.name() + " is not ready");
        }
        return open(store, namespace);
    }

    private boolean isAllowed(Unstructured store, String namespace) throws ProviderException {
        List<Unstructured> conditions = store.objects("spec", "conditions");
        if (conditions.isEmpty()) {
            return true;
        }
        Map<String, String> labels = Live.find(client, Resources.NAMESPACES, "", namespace)
                .map(n -> n.object().labels())
                .orElse(Map.of());
        for (Unstructured c : conditions) {
            boolean selected = c.has("namespaceSelector")
                    && LabelSelector.of(c.object("namespaceSelector")).matches(labels);
            boolean matched = c.stringList("namespaces").contains(namespace);
            for (String regexp : c.stringList("namespaceRegexes")) {
                matched |= Matching.of(regexp).matcher(namespace).find();
            }
            if (selected || matched) {
                return true;
            }
        }
        return false;
    }

    /** @param namespace for the credentials of a ClusterSecretStore that says none */
    Provider open(Unstructured store, String namespace) throws ProviderException {
        Scope scope = new Scope(store, namespace);
        Unstructured provider = store.object("spec", "provider");
        if (provider.has("aws")) {
            return aws(scope, provider.object("aws"));
        }
        if (provider.has("vault")) {
            return vault(scope, provider.object("vault"));
        }
        throw ProviderException.configuration("spec.provider must be aws or vault");
    }

    private Provider aws(Scope scope, Unstructured aws) throws ProviderException {
        Unstructured auth = aws.object("auth", "secretRef");
        String id = scope.value(auth.object("accessKeyIDSecretRef"), "", "could not fetch accessKeyID secret: ");
        String key =
                scope.value(auth.object("secretAccessKeySecretRef"), "", "could not fetch secretAccessKey secret: ");
        String session = auth.has("sessionTokenSecretRef")
                ? scope.value(auth.object("sessionTokenSecretRef"), "", "could not fetch sessionToken secret: ")
                : "";
        String region = aws.string("region");
        return new AwsSecrets(
                outbound,
                AwsSecrets.endpoint(region, awsEndpoint),
                new SignatureV4(region, "secretsmanager", id, key, session),
                List.of(id, key, session),
                clock);
    }

    private Provider vault(Scope scope, Unstructured vault) throws ProviderException {
        String namespace = vault.string("namespace");
        Vault.Server server = new Vault.Server(
                Vault.Server.address(vault.string("server")),
                trimmed(vault.string("path")),
                namespace,
                vault.stringOr(namespace, "auth", "namespace"),
                authorities(scope, vault));
        Unstructured auth = vault.object("auth");
        if (auth.has("tokenSecretRef")) {
            return new Vault(
                    outbound,
                    server,
                    new Vault.Login.Token(scope.value(auth.object("tokenSecretRef"), "", "cannot get Vault token: ")));
        }
        Unstructured kubernetes = auth.object("kubernetes");
        String jwt = kubernetes.has("serviceAccountRef")
                ? scope.token(kubernetes.object("serviceAccountRef"))
                : scope.value(kubernetes.object("secretRef"), "token", "cannot get service account token: ");
        return new Vault(
                outbound,
                server,
                new Vault.Login.Kubernetes(
                        trimmed(kubernetes.stringOr("kubernetes", "mountPath")), kubernetes.string("role"), jwt));
    }

    /** {@code secret}, {@code /secret/} and {@code secret/data} are one mount. */
    private static String trimmed(String mount) {
        String path = mount.replaceAll("^/+|/+$", "");
        return path.endsWith("/data") ? path.substring(0, path.length() - "/data".length()) : path;
    }

    private String authorities(Scope scope, Unstructured vault) throws ProviderException {
        String bundle = vault.string("caBundle");
        if (!bundle.isEmpty()) {
            return decoded(bundle, "failed to decode caBundle");
        }
        if (!vault.has("caProvider")) {
            return "";
        }
        Unstructured ca = vault.object("caProvider");
        if (ca.string("type").equals("Secret")) {
            return scope.value(ca, "", "could not fetch CA from caProvider: ");
        }
        Unstructured map = scope.get(Resources.CONFIG_MAPS, "ConfigMap", ca, "could not fetch CA from caProvider: ");
        String pem = map.string("data", ca.string("key"));
        if (pem.isEmpty()) {
            throw ProviderException.configuration(
                    "could not fetch CA from caProvider: cannot find data for key: \"" + ca.string("key") + "\"");
        }
        return pem;
    }

    private static String decoded(String base64, String wrong) throws ProviderException {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw ProviderException.configuration(wrong);
        }
    }

    /** Whether all that its credentials lie in is known before somebody uses it. */
    static boolean canBeValidated(Unstructured store) {
        return !store.kind().equals(ExternalSecrets.CLUSTER_STORE)
                || references(store).stream()
                        .noneMatch(r -> r.string("namespace").isEmpty());
    }

    /** The Secrets, and others, that it names. */
    static List<Unstructured> references(Unstructured store) {
        Unstructured aws = store.object("spec", "provider", "aws", "auth", "secretRef");
        Unstructured vault = store.object("spec", "provider", "vault");
        return java.util.stream.Stream.of(
                        aws.object("accessKeyIDSecretRef"),
                        aws.object("secretAccessKeySecretRef"),
                        aws.object("sessionTokenSecretRef"),
                        vault.object("auth", "tokenSecretRef"),
                        vault.object("auth", "kubernetes", "secretRef"),
                        vault.object("auth", "kubernetes", "serviceAccountRef"),
                        vault.object("caProvider"))
                .filter(r -> r.has("name"))
                .toList();
    }

    /** Where a store looks things up. */
    private final class Scope {
        private final boolean ofCluster;
        private final String namespace;

        /** @param user the namespace of who uses it */
        Scope(Unstructured store, String user) {
            this.ofCluster = store.kind().equals(ExternalSecrets.CLUSTER_STORE);
            this.namespace = ofCluster ? user : store.namespace();
        }

        private String namespace(Unstructured ref) throws ProviderException {
            String named = ref.string("namespace");
            if (!named.isEmpty() && !ofCluster && !named.equals(namespace)) {
                throw ProviderException.configuration("namespace should either be empty or match the namespace of the"
                        + " SecretStore for a namespaced SecretStore");
            }
            return named.isEmpty() ? namespace : named;
        }

        Unstructured get(GroupVersionResource resource, String kind, Unstructured ref, String wrong)
                throws ProviderException {
            String in;
            try {
                in = namespace(ref);
            } catch (ProviderException e) {
                throw e.at(wrong);
            }
            try {
                Revision found = client.get(resource, in, ref.string("name"));
                return found.object();
            } catch (StatusException e) {
                throw ProviderException.configuration(wrong + "cannot get Kubernetes " + kind + " \""
                        + ref.string("name") + "\" from namespace \"" + in + "\": " + e.getMessage());
            }
        }

        /** Of a Secret's key, without the line end that comes with values from files. */
        String value(Unstructured ref, String fallback, String wrong) throws ProviderException {
            Unstructured secret = get(Resources.SECRETS, "secret", ref, wrong);
            String key = ref.stringOr(fallback, "key");
            @Nullable Object value = secret.get("data", key);
            if (!(value instanceof String s) || s.isEmpty()) {
                throw ProviderException.configuration(wrong + "cannot find secret data for key: \"" + key + "\"");
            }
            return decoded(s, wrong + "cannot find secret data for key: \"" + key + "\"")
                    .strip();
        }

        /** A service account's, for a little while. */
        String token(Unstructured ref) throws ProviderException {
            String name = ref.string("name");
            Map<String, Object> spec = new LinkedHashMap<>();
            spec.put("expirationSeconds", TOKEN_SECONDS);
            if (!ref.stringList("audiences").isEmpty()) {
                spec.put("audiences", ref.stringList("audiences"));
            }
            try {
                return client.post(
                                Resources.SERVICE_ACCOUNTS,
                                namespace(ref),
                                name,
                                "token",
                                Unstructured.of("authentication.k8s.io/v1", "TokenRequest")
                                        .set(spec, "spec"))
                        .string("status", "token");
            } catch (StatusException e) {
                throw ProviderException.configuration("cannot request Kubernetes service account token for service"
                        + " account \"" + name + "\": " + e.getMessage());
            }
        }
    }
}
