package dev.coracle.apiserver.aggregation;

import dev.coracle.apiserver.FrontProxy;
import dev.coracle.apiserver.aggregation.Priorities.Priority;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.authorization.Reviews;
import dev.coracle.apiserver.builtin.BuiltIns;
import dev.coracle.apiserver.builtin.apiregistration.ApiServices;
import dev.coracle.apiserver.metrics.Metrics;
import dev.coracle.apiserver.openapi.Documents;
import dev.coracle.apiserver.proxy.Destination;
import dev.coracle.apiserver.proxy.ProxyTargets;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.client.ApiResource;
import dev.coracle.client.Client;
import dev.coracle.client.Discovered;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.object.VersionOrder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;

/**
 * Who answers for which group and version. The objects are asked each time, so that an APIService counts from the moment
 * in which it is stored.
 */
public final class Aggregation implements Documents.Others, AutoCloseable {
    private static final GroupVersionResource API_SERVICES = ApiServices.DEFINITION.resource();

    private final Registry registry;
    private final Environment environment;
    private final Reach reach;
    private final Peers peers;
    private final Endpoints endpoints;
    private final Downloads downloads;
    private final Discoveries discoveries;
    private final LocalServices local;
    private final Availability availability;

    /** @param metrics whether this server answers for {@code metrics.k8s.io} */
    public Aggregation(Registry registry, Environment environment, boolean metrics, FrontProxy own, Reach reach) {
        this.registry = registry;
        this.environment = environment;
        this.reach = reach;
        this.peers = new Peers(own);
        this.endpoints = new Endpoints(registry, new ProxyTargets(environment.entropy()::nextInt));
        this.downloads = new Downloads(peers, environment.timers(), reach);
        this.discoveries = new Discoveries(endpoints, downloads);
        this.local = new LocalServices(registry, environment, builtIn(metrics));
        this.availability = new Availability(registry, environment, endpoints, downloads, discoveries);
    }

    private static Set<String> builtIn(boolean metrics) {
        Set<String> all = new TreeSet<>();
        BuiltIns.all().forEach(d -> all.add(d.kind().apiVersion()));
        Reviews.ALL.forEach(r -> all.add(r.kind().apiVersion()));
        if (metrics) {
            all.add(Metrics.GROUP + "/" + Metrics.VERSION);
        }
        return all;
    }

    public void start() {
        local.start();
        availability.start();
    }

    // ---- who answers

    /** The APIService by which another server answers for a group and version; never for the core, nor for APIServices. */
    private Optional<Remote> remote(String group, String version) {
        if (group.isEmpty() || group.equals(ApiServices.GROUP)) {
            return Optional.empty();
        }
        return registry.find(API_SERVICES, "", version + "." + group)
                .map(Revision::object)
                .filter(o -> o.has("spec", "service"))
                .map(Remote::new);
    }

    public boolean isRemote(String group, String version) {
        return remote(group, version).isPresent();
    }

    /**
     * Where a request is carried on to.
     *
     * @param target path and query
     * @param endless whether the answer may take for as long as the client likes
     * @throws StatusException 503 while nobody is there, 500 for an APIService that makes no sense
     */
    public Destination destination(String group, String version, UserInfo user, String target, boolean endless) {
        Remote remote = remote(group, version)
                .filter(Remote::available)
                .orElseThrow(() -> StatusException.unavailable("service unavailable"));
        InetSocketAddress at;
        try {
            at = reach.way().apply(endpoints.resolve(remote));
        } catch (StatusException e) {
            throw StatusException.unavailable("service unavailable");
        }
        try {
            var api = new Destination.Api(
                    peers.tls(remote.trust()),
                    remote.serverName(),
                    Identity.of(user),
                    endless ? Duration.ZERO : reach.patience());
            return Destination.api(at.getAddress().getHostAddress(), at.getPort(), target, api);
        } catch (IOException e) {
            throw new StatusException(500, "InternalError", String.valueOf(e.getMessage()));
        }
    }

    /** The API of all other servers together, as {@code user} sees it, who may ask for what is asked for. */
    public Client client(UserInfo user) {
        BiFunction<String, String, Remote> available = (group, version) ->
                remote(group, version).filter(Remote::available).orElseThrow(Aggregation::absent);
        return new RestClient(new AggregatedTransport(available, endpoints, downloads, user), environment);
    }

    /** What all other servers serve, each group in the version that clients should prefer. */
    public Discovered discover() {
        List<ApiResource> found = new ArrayList<>();
        Map<String, String> failed = new TreeMap<>();
        ordered(List.of()).forEach((group, versions) -> {
            String version = versions.getFirst();
            resources(group, version).stream()
                    .filter(r -> !r.string("name").contains("/"))
                    .forEach(r -> found.add(new ApiResource(
                            new GroupVersionResource(group, version, r.string("name")),
                            r.kind(),
                            r.bool("namespaced"),
                            Set.copyOf(r.stringList("verbs")))));
            if (!isCurrent(group, version)) {
                failed.put(group + "/" + version, "stale GroupVersion discovery: " + group + "/" + version);
            }
        });
        return new Discovered(found, failed);
    }

    /**
     * What another server answers to a GET by {@code user}.
     *
     * @param target path and query
     * @throws StatusException what it refuses, or 503 while nobody is there
     */
    public Unstructured read(GroupVersionResource resource, UserInfo user, String target) {
        Remote remote = remote(resource.group(), resource.version())
                .filter(Remote::available)
                .orElseThrow(Aggregation::absent);
        Downloads.Answer answer;
        try {
            answer = downloads.get(
                    remote, remote.trust(), endpoints.resolve(remote), target, user, Discoveries.MOST_RESOURCES);
        } catch (StatusException | IOException e) {
            throw absent();
        }
        Optional<Unstructured> said = answer.document();
        if (answer.good() && said.isPresent()) {
            return said.get();
        }
        throw said.filter(o -> o.kind().equals("Status"))
                .map(status -> StatusException.of(answer.code(), status))
                .orElseGet(() -> answer.code() == 404 ? StatusException.notServed(resource, "") : absent());
    }

    static StatusException absent() {
        return StatusException.unavailable("the server is currently unable to handle the request");
    }

    // ---- what is told of them

    @Override
    public String changes() {
        return registry.version(API_SERVICES) + "." + discoveries.changes();
    }

    /**
     * The groups in the order in which clients are to look at them, each with its versions in such an order: what this
     * server answers for and what others do.
     *
     * @param served what this server answers for, {@code apps/v1}
     */
    public Map<String, List<String>> ordered(Collection<String> served) {
        Map<String, Priority> all = new TreeMap<>();
        for (String gv : served) {
            all.put(gv, Priorities.builtIn(gv).orElse(Priorities.CUSTOM));
        }
        for (Unstructured o : services()) {
            String group = o.string("spec", "group");
            String gv = group.isEmpty() ? o.string("spec", "version") : group + "/" + o.string("spec", "version");
            // One that is local and not served is of a definition that is about to be.
            if (all.containsKey(gv) || o.has("spec", "service")) {
                all.put(
                        gv,
                        new Priority(
                                o.integer(0, "spec", "groupPriorityMinimum"), o.integer(0, "spec", "versionPriority")));
            }
        }
        // Nobody comes before the group that says who comes first.
        all.computeIfPresent(ApiServices.GROUP + "/v1", (gv, p) -> new Priority(Long.MAX_VALUE, 1));
        List<Map.Entry<String, Priority>> order = new ArrayList<>(all.entrySet());
        order.sort(Comparator.comparing(
                        (Map.Entry<String, Priority> e) -> -e.getValue().group())
                .thenComparing(e -> LocalServices.name(e.getKey())));
        Map<String, List<String>> groups = new LinkedHashMap<>();
        for (var e : order) {
            int slash = e.getKey().indexOf('/');
            groups.computeIfAbsent(slash < 0 ? "" : e.getKey().substring(0, slash), g -> new ArrayList<>())
                    .add(e.getKey().substring(slash + 1));
        }
        groups.forEach((group, versions) ->
                versions.sort(Comparator.comparing((String v) -> -at(all, group.isEmpty() ? v : group + "/" + v))
                        .thenComparing(VersionOrder.NEWEST_FIRST)));
        return groups;
    }

    private static long at(Map<String, Priority> all, String groupVersion) {
        Priority p = all.get(groupVersion);
        return p == null ? 0 : p.version();
    }

    private List<Unstructured> services() {
        return registry.list(API_SERVICES, "", any -> true, 0, "").items().stream()
                .map(Revision::object)
                .toList();
    }

    private List<Remote> remotes() {
        return services().stream()
                .filter(o -> o.has("spec", "service"))
                .map(Remote::new)
                .filter(r -> isRemote(r.group(), r.version()))
                .toList();
    }

    /** What another server said last that it serves; elements of an {@code APIResourceList}. */
    public List<Unstructured> resources(String group, String version) {
        return remote(group, version).map(r -> discoveries.of(r).resources()).orElse(List.of());
    }

    /** Whether that is so at this moment, as far as anybody knows. */
    public boolean isCurrent(String group, String version) {
        return remote(group, version)
                .map(r -> r.available() && discoveries.of(r).current())
                .orElse(true);
    }

    @Override
    public Map<String, String> documents() {
        Map<String, String> found = new TreeMap<>();
        for (Remote r : remotes()) {
            String hash = discoveries.of(r).hash();
            if (!hash.isEmpty()) {
                found.put(r.path().substring(1), hash);
            }
        }
        return found;
    }

    @Override
    public void describe(Map<String, Object> paths, Map<String, Object> definitions) {
        for (Remote r : remotes()) {
            discoveries.of(r).schemas().ifPresent(part -> RemoteSchemas.add(paths, definitions, part));
        }
    }

    @Override
    public void close() {
        downloads.close();
        availability.close();
        local.close();
    }
}
