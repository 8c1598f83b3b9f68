package dev.coracle.client.https;

import dev.coracle.client.ApiResource;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Discovered;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.RevisionList;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The Kubernetes REST API as the client contract: any conforming server will do. What a {@link Transport} throws for a
 * broken connection, an {@link java.io.UncheckedIOException}, leaves here as it is; a watch that breaks ends with 503.
 */
public final class RestClient implements Client, AutoCloseable {
    private static final String JSON = "application/json";
    private static final byte[] NOTHING = new byte[0];

    private final Environment environment;
    private final Transport connection;
    private final String validation;
    private final Set<WatchStream> watches;

    public RestClient(Transport connection, Environment environment) {
        this(connection, environment, "", ConcurrentHashMap.newKeySet());
    }

    private RestClient(Transport connection, Environment environment, String validation, Set<WatchStream> watches) {
        this.environment = environment;
        this.connection = connection;
        this.validation = validation;
        this.watches = watches;
    }

    /**
     * This client, whose writes say what is to be done about fields that the kind does not have.
     *
     * @param directive {@code Strict}, {@code Warn} or {@code Ignore}; {@code ""} for what the server does by itself
     */
    public RestClient validating(String directive) {
        return new RestClient(connection, environment, directive, watches);
    }

    /** The path of a resource, an object ({@code name} not {@code ""}) or a subresource of one. */
    public static String path(GroupVersionResource resource, String namespace, String name, String subresource) {
        StringBuilder p = new StringBuilder(resource.prefix());
        if (!namespace.isEmpty()) {
            p.append("/namespaces/").append(encoded(namespace));
        }
        p.append('/').append(encoded(resource.resource()));
        if (!name.isEmpty()) {
            p.append('/').append(encoded(name));
        }
        if (!subresource.isEmpty()) {
            p.append('/').append(encoded(subresource));
        }
        return p.toString();
    }

    /** {@code ?a=b&c=d} of those that are not {@code ""}. */
    public static String query(Map<String, String> parameters) {
        StringJoiner q = new StringJoiner("&", "?", "").setEmptyValue("");
        parameters.forEach((k, v) -> {
            if (!v.isEmpty()) {
                q.add(k + "=" + encoded(v));
            }
        });
        return q.toString();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public Revision get(GroupVersionResource resource, String namespace, String name) {
        return revision(resource, connection.exchange("GET", path(resource, namespace, name, ""), JSON, "", NOTHING));
    }

    @Override
    public Unstructured scale(GroupVersionResource resource, String namespace, String name) {
        return Unstructured.parse(
                connection.exchange("GET", path(resource, namespace, name, "scale"), JSON, "", NOTHING));
    }

    @Override
    public Unstructured read(
            GroupVersionResource resource,
            String namespace,
            String name,
            String subresource,
            Map<String, String> parameters) {
        return document(path(resource, namespace, name, subresource) + query(parameters));
    }

    @Override
    public List<ApiResource> resources() {
        return discover().resources();
    }

    @Override
    public Discovered discover() {
        List<ApiResource> found = new ArrayList<>(resources("", "v1"));
        Map<String, String> failed = new TreeMap<>();
        for (Unstructured group : document("/apis").objects("groups")) {
            String version = group.string("preferredVersion", "version");
            try {
                found.addAll(resources(group.string("name"), version));
            } catch (StatusException e) {
                // One group that is away must not hide all others.
                failed.put(group.string("name") + "/" + version, String.valueOf(e.getMessage()));
            }
        }
        return new Discovered(List.copyOf(found), failed);
    }

    private List<ApiResource> resources(String group, String version) {
        List<ApiResource> found = new ArrayList<>();
        String path = new GroupVersionResource(group, version, "").prefix();
        for (Unstructured r : document(path).objects("resources")) {
            if (!r.string("name").contains("/")) {
                found.add(new ApiResource(
                        new GroupVersionResource(group, version, r.string("name")),
                        r.kind(),
                        r.bool("namespaced"),
                        Set.copyOf(r.stringList("verbs"))));
            }
        }
        return found;
    }

    private Unstructured document(String path) {
        return Unstructured.parse(connection.exchange("GET", path, JSON, "", NOTHING));
    }

    @Override
    public RevisionList list(GroupVersionResource resource, String namespace, ListOptions options) {
        Map<String, String> q = selection(options);
        if (options.limit() > 0) {
            q.put("limit", "" + options.limit());
        }
        q.put("continue", options.continueToken());
        q.put("resourceVersionMatch", options.resourceVersionMatch());
        Unstructured list = Unstructured.parse(
                connection.exchange("GET", path(resource, namespace, "", "") + query(q), JSON, "", NOTHING));
        String kind = list.kind().replaceFirst("List$", "");
        List<Revision> items = new ArrayList<>();
        for (Unstructured item : list.objects("items")) {
            // Elements of a typed list need not say what they are.
            if (!item.has("kind")) {
                var whole = new LinkedHashMap<String, Object>();
                whole.put("apiVersion", list.apiVersion());
                whole.put("kind", kind);
                whole.putAll(item.map());
                item = new Unstructured(whole);
            }
            items.add(revision(resource, item));
        }
        return new RevisionList(
                items,
                list.resourceVersion(),
                list.string("metadata", "continue"),
                list.integer(0, "metadata", "remainingItemCount"));
    }

    private static Map<String, String> selection(ListOptions options) {
        Map<String, String> q = new LinkedHashMap<>();
        q.put("labelSelector", options.labelSelector());
        q.put("fieldSelector", options.fieldSelector());
        q.put("resourceVersion", options.resourceVersion());
        return q;
    }

    @Override
    public Watch watch(GroupVersionResource resource, String namespace, ListOptions options, WatchListener listener) {
        Map<String, String> q = selection(options);
        q.put("watch", "true");
        q.put("allowWatchBookmarks", options.bookmarks() ? "true" : "");
        // As client-go's reflector: 5 to 10 minutes, so that servers can shed watches and dead peers are noticed.
        q.put("timeoutSeconds", "" + (300 + environment.entropy().nextInt(300)));
        var in = connection.stream(path(resource, namespace, "", "") + query(q), JSON);
        var watch = new WatchStream(resource, in, listener, watches::remove);
        watches.add(watch);
        environment.tasks().start("watch-" + resource.resource(), watch);
        return watch;
    }

    @Override
    public Revision create(GroupVersionResource resource, String namespace, Unstructured object, WriteOptions options) {
        return write("POST", resource, namespace, "", JSON, object.json(), options);
    }

    @Override
    public Revision update(GroupVersionResource resource, Unstructured object, WriteOptions options) {
        return write("PUT", resource, object.namespace(), object.name(), JSON, object.json(), options);
    }

    @Override
    public Revision patch(
            GroupVersionResource resource, String namespace, String name, Patch patch, WriteOptions options) {
        return write("PATCH", resource, namespace, name, patch.type().mediaType(), patch.body(), options);
    }

    private Revision write(
            String method,
            GroupVersionResource resource,
            String namespace,
            String name,
            String type,
            byte[] body,
            WriteOptions options) {
        Map<String, String> q = new LinkedHashMap<>();
        q.put("fieldManager", options.fieldManager());
        q.put("force", options.force() ? "true" : "");
        q.put("dryRun", options.dryRun() ? "All" : "");
        q.put("fieldValidation", validation);
        String path = path(resource, namespace, name, options.subresource()) + query(q);
        return revision(resource, connection.exchange(method, path, JSON, type, body));
    }

    @Override
    public Revision delete(GroupVersionResource resource, String namespace, String name, DeleteOptions options) {
        Unstructured body = Unstructured.of("v1", "DeleteOptions");
        if (options.gracePeriodSeconds() >= 0) {
            body.set(options.gracePeriodSeconds(), "gracePeriodSeconds");
        }
        set(body, options.propagation(), "propagationPolicy");
        set(body, options.uid(), "preconditions", "uid");
        set(body, options.resourceVersion(), "preconditions", "resourceVersion");
        if (options.dryRun()) {
            body.add("All", "dryRun");
        }
        byte[] answer = connection.exchange("DELETE", path(resource, namespace, name, ""), JSON, JSON, body.json());
        Unstructured o = Unstructured.parse(answer);
        if (!o.kind().equals("Status")) {
            return revision(resource, o);
        }
        // What is gone at once some servers answer with its name alone.
        Unstructured gone = new Unstructured(new LinkedHashMap<>())
                .set(name, "metadata", "name")
                .set(o.get("details", "uid"), "metadata", "uid");
        set(gone, namespace, "metadata", "namespace");
        return revision(resource, gone);
    }

    private static void set(Unstructured target, String value, String... path) {
        if (!value.isEmpty()) {
            target.set(value, path);
        }
    }

    @Override
    public Unstructured post(
            GroupVersionResource resource, String namespace, String name, String subresource, Unstructured body) {
        return Unstructured.parse(
                connection.exchange("POST", path(resource, namespace, name, subresource), JSON, JSON, body.json()));
    }

    private static Revision revision(GroupVersionResource resource, byte[] json) {
        Unstructured o = Unstructured.parse(json);
        return new Revision(resource, version(o), json, o);
    }

    static Revision revision(GroupVersionResource resource, Unstructured object) {
        return new Revision(resource, version(object), Json.bytes(object.map()), object);
    }

    private static long version(Unstructured object) {
        String version = object.resourceVersion();
        return version.isEmpty() ? 0 : Long.parseLong(version);
    }

    /** Ends every watch without a word to its listener. */
    @Override
    public void close() {
        List.copyOf(watches).forEach(WatchStream::close);
    }
}
