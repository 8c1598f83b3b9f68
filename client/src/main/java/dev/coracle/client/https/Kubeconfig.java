package dev.coracle.client.https;

import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A {@code v1 Config}: clusters, users, and contexts that pair them. Files that it names relatively lie beside it.
 *
 * <p>Fields that would change who is asked or how, and that this client cannot follow, are refused.
 */
public final class Kubeconfig {
    private final Path directory;
    private final Unstructured config;

    private Kubeconfig(Path directory, Unstructured config) {
        this.directory = directory;
        this.config = config;
    }

    /** @throws IllegalArgumentException when the file is not a kubeconfig */
    @SuppressWarnings("unchecked")
    public static Kubeconfig read(Path file) throws IOException {
        List<Object> documents = Yaml.parseAll(Files.readString(file));
        Path directory = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        if (documents.isEmpty()) {
            return new Kubeconfig(directory, Unstructured.of("v1", "Config"));
        }
        if (documents.size() == 1 && documents.getFirst() instanceof Map<?, ?> m) {
            return new Kubeconfig(directory, new Unstructured((Map<String, Object>) m));
        }
        throw new IllegalArgumentException(file + ": not a kubeconfig");
    }

    /** The whole file. */
    public Unstructured config() {
        return config;
    }

    /** {@code ""} when none is set. */
    public String currentContext() {
        return config.string("current-context");
    }

    public List<String> contexts() {
        return config.objects("contexts").stream().map(c -> c.string("name")).toList();
    }

    /** The endpoint of the current context. */
    public Endpoint endpoint() throws IOException {
        return endpoint(currentContext());
    }

    /**
     * @throws IllegalArgumentException when the context, or what it names, is not there or asks for what this client
     *     cannot do
     */
    public Endpoint endpoint(String contextName) throws IOException {
        Unstructured context = entry("contexts", contextName)
                .orElseThrow(() -> new IllegalArgumentException(
                        contextName.isEmpty()
                                ? "current-context is not set"
                                : "context \"" + contextName + "\" does not exist"))
                .object("context");
        Unstructured cluster = named("clusters", context.string("cluster")).object("cluster");
        Unstructured user = context.string("user").isEmpty()
                ? new Unstructured(Map.of())
                : named("users", context.string("user")).object("user");
        refuse(cluster, "cluster", "proxy-url", "tls-server-name");
        refuse(user, "user", "exec", "auth-provider", "username", "password", "as-user-extra");
        return new Endpoint(
                URI.create(cluster.stringOr("http://localhost:8080", "server")),
                text(cluster, "certificate-authority"),
                cluster.bool("insecure-skip-tls-verify"),
                text(user, "client-certificate"),
                text(user, "client-key"),
                user.string("token"),
                user.has("tokenFile")
                        ? directory.resolve(user.string("tokenFile")).toString()
                        : "",
                context.string("namespace"),
                new Endpoint.Impersonation(user.string("as"), user.string("as-uid"), user.stringList("as-groups")));
    }

    private static void refuse(Unstructured part, String what, String... fields) {
        for (String field : fields) {
            if (part.has(field)) {
                throw new IllegalArgumentException(
                        "kubeconfig: " + what + "." + field + " is not supported by this client");
            }
        }
    }

    private Unstructured named(String list, String name) {
        return entry(list, name)
                .orElseThrow(() ->
                        new IllegalArgumentException("kubeconfig: there is no entry \"" + name + "\" in " + list));
    }

    private Optional<Unstructured> entry(String list, String name) {
        return config.objects(list).stream()
                .filter(e -> e.string("name").equals(name))
                .findFirst();
    }

    /** The PEM of {@code FIELD-data} (base64), or of the file that {@code FIELD} names. */
    private String text(Unstructured part, String field) throws IOException {
        String data = part.string(field + "-data");
        if (!data.isEmpty()) {
            try {
                return new String(Base64.getMimeDecoder().decode(data), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("kubeconfig: " + field + "-data is not base64", e);
            }
        }
        String file = part.string(field);
        return file.isEmpty() ? "" : Files.readString(directory.resolve(file));
    }
}
