package dev.coracle.apiserver;

import dev.coracle.apiserver.aggregation.Aggregation;
import dev.coracle.apiserver.aggregation.Reach;
import dev.coracle.apiserver.authentication.Authenticator;
import dev.coracle.apiserver.authentication.ClientCertificates;
import dev.coracle.apiserver.authentication.ServiceAccountTokens;
import dev.coracle.apiserver.authentication.TokenRequests;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.apiserver.authorization.NodeAuthorizer;
import dev.coracle.apiserver.authorization.NodeGraph;
import dev.coracle.apiserver.authorization.RbacAuthorizer;
import dev.coracle.apiserver.authorization.Reviews;
import dev.coracle.apiserver.bootstrap.Bootstrap;
import dev.coracle.apiserver.custom.CustomResources;
import dev.coracle.apiserver.encryption.Encryption;
import dev.coracle.apiserver.encryption.EncryptionConfiguration;
import dev.coracle.apiserver.flowcontrol.FlowControl;
import dev.coracle.apiserver.http.HttpServer;
import dev.coracle.apiserver.http.Limits;
import dev.coracle.apiserver.http.Routes;
import dev.coracle.apiserver.metrics.Metrics;
import dev.coracle.apiserver.metrics.UsageSource;
import dev.coracle.apiserver.registry.Compaction;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.structural.StructuralSchema;
import dev.coracle.apiserver.telemetry.Flows;
import dev.coracle.apiserver.telemetry.StoredObjects;
import dev.coracle.apiserver.telemetry.Telemetry;
import dev.coracle.client.Client;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.store.Store;
import dev.coracle.store.memory.MemoryStore;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The front door: registry, authorization and, unless it is in memory alone, HTTPS. */
public final class ApiServer implements AutoCloseable {
    private final Environment environment;
    private final Registry registry;
    private final Authorizer authorizer;
    private final List<Client.Watch> graph;
    private final CustomResources custom;
    private final Aggregation aggregation;
    private final Metrics metrics;
    private final Introduction introduction;
    private final TokenRequests tokens;
    private final Reviews reviews;
    private final Telemetry telemetry;
    private final @Nullable HttpServer http;
    private final @Nullable FlowControl flows;
    private final Store store;
    private final @Nullable Store owned;
    /** What part of the heap may hold what was superseded. */
    private static final int HISTORY = 16;

    private @Nullable Compaction compaction;

    /** Without the resource metrics API. */
    public ApiServer(ApiServerConfig config) {
        this(config, UsageSource.NONE);
    }

    /** @param usage asked whenever somebody reads the resource metrics API */
    public ApiServer(ApiServerConfig config, UsageSource usage) {
        this(config, usage, Limits.STANDARD);
    }

    /** @param usage asked whenever somebody reads the resource metrics API */
    public ApiServer(ApiServerConfig config, UsageSource usage, Limits limits) {
        this(config, usage, limits, Reach.STANDARD);
    }

    /** @param reach how extension servers are reached */
    ApiServer(ApiServerConfig config, UsageSource usage, Limits limits, Reach reach) {
        this.environment = config.environment();
        this.telemetry = new Telemetry(environment);
        this.store = config.store();
        Encryption encryption = new Encryption(config.encryption(), environment);
        this.registry = new Registry(config.store(), environment, config.serviceCidr(), true, encryption);
        telemetry.add(new StoredObjects(registry::counts));
        telemetry.add(encryption.metrics());
        RbacAuthorizer rbac = rbac(registry);
        NodeGraph nodes = new NodeGraph();
        this.graph = follow(registry, nodes);
        this.custom = new CustomResources(
                registry,
                environment,
                StructuralSchema::parse,
                registry.admission().webhooks()::post);
        this.aggregation =
                new Aggregation(registry, environment, usage != UsageSource.NONE, config.frontProxy(), reach);
        this.metrics = metrics(usage);
        this.introduction = Introduction.of(config);
        this.authorizer = new NodeAuthorizer(nodes, Bootstrap.nodeRules()).or(rbac);
        registry.admission().authorizeBy(authorizer);
        ServiceAccountTokens tokens = new ServiceAccountTokens(config.serviceAccountKey(), registry::find, environment);
        this.tokens = new TokenRequests(tokens, registry::find, environment);
        this.reviews = new Reviews(authorizer, rbac, tokens, environment);
        var certificates = new ClientCertificates(config.clientCa(), environment.clock());
        FlowControl control = new FlowControl(registry, environment, limits.reading() + limits.mutating());
        telemetry.add(new Flows(control));
        this.flows = control;
        this.http = new HttpServer(
                config,
                new Routes(registry, authorizer, environment, this::admitted, tokens, metrics, aggregation, telemetry),
                new Authenticator(certificates, tokens, rbac),
                certificates.authorities(),
                limits,
                control);
        this.owned = null;
    }

    private ApiServer(
            Environment environment, Store store, @Nullable Store owned, EncryptionConfiguration configuration) {
        this.telemetry = new Telemetry(environment);
        Encryption encryption = new Encryption(configuration, environment);
        telemetry.add(encryption.metrics());
        this.environment = environment;
        this.owned = owned;
        this.store = store;
        this.registry = new Registry(store, environment, "10.96.0.0/16", false, encryption);
        RbacAuthorizer rbac = rbac(registry);
        NodeGraph nodes = new NodeGraph();
        this.graph = follow(registry, nodes);
        this.custom = new CustomResources(
                registry,
                environment,
                StructuralSchema::parse,
                registry.admission().webhooks()::post);
        this.aggregation = new Aggregation(registry, environment, false, FrontProxy.NONE, Reach.STANDARD);
        this.metrics = metrics(UsageSource.NONE);
        this.introduction = Introduction.NONE;
        this.authorizer = new NodeAuthorizer(nodes, Bootstrap.nodeRules()).or(rbac);
        registry.admission().authorizeBy(authorizer);
        ServiceAccountTokens tokens = new ServiceAccountTokens(() -> "", registry::find, environment);
        this.tokens = new TokenRequests(tokens, registry::find, environment);
        this.reviews = new Reviews(authorizer, rbac, tokens, environment);
        this.http = null;
        this.flows = null;
    }

    /** What is told at {@code /metrics}; other components of the process add what they measure. */
    public Telemetry telemetry() {
        return telemetry;
    }

    /** A server over a store in memory, with no network: what tests of components stand on. */
    public static ApiServer inMemory(Environment environment) {
        Store store = new MemoryStore(environment);
        ApiServer server = new ApiServer(environment, store, store, EncryptionConfiguration.NONE);
        server.start();
        return server;
    }

    /** Like {@link #inMemory}, over a store that its caller closes. */
    static ApiServer over(Store store, Environment environment) {
        return over(store, environment, EncryptionConfiguration.NONE);
    }

    /** Like {@link #over(Store, Environment)}, where some of it is sealed. */
    static ApiServer over(Store store, Environment environment, EncryptionConfiguration encryption) {
        ApiServer server = new ApiServer(environment, store, null, encryption);
        server.start();
        return server;
    }

    /** Creates what every cluster has, and listens. */
    public void start() {
        Bootstrap.ensure(registry, environment.tasks());
        introduction.publish(registry);
        aggregation.start();
        registry.admission().askUsers();
        compaction = Compaction.start(
                store, environment.timers(), Runtime.getRuntime().maxMemory() / HISTORY);
        if (http != null && flows != null) {
            flows.start();
            http.start();
        }
    }

    /** Listens on one more address, besides that of the configuration; to be called after {@link #start}. */
    public void listen(InetSocketAddress address) {
        if (http == null) {
            throw new IllegalStateException("this server is in memory alone");
        }
        http.listen(address);
    }

    public InetSocketAddress address() {
        if (http == null) {
            throw new IllegalStateException("this server is in memory alone");
        }
        return http.address();
    }

    /** The API in process, as {@code user} sees it. */
    public Client client(UserInfo user) {
        return new AggregatedClient(
                client(user, false, w -> {}), r -> registry.definition(r).isPresent(), aggregation, authorizer, user);
    }

    /** As {@link #client(UserInfo)}, for one whose request has been authorized. */
    private Client admitted(UserInfo user, Consumer<String> warnings) {
        return client(user, true, warnings);
    }

    private Client client(UserInfo user, boolean admitted, Consumer<String> warnings) {
        return new FrontClient(
                new LocalClient(registry, authorizer, user, admitted, warnings),
                authorizer,
                tokens,
                reviews,
                new Elsewhere(metrics, aggregation),
                registry.admission(),
                user,
                warnings);
    }

    private Metrics metrics(UsageSource usage) {
        return new Metrics(
                usage,
                (resource, namespace, name) -> registry.find(
                                resource.equals("nodes") ? Resources.NODES : Resources.PODS, namespace, name)
                        .map(Revision::object));
    }

    /** Before any kubelet watches: then the graph knows of a pod when its node is told of it. */
    private static List<Client.Watch> follow(Registry registry, NodeGraph graph) {
        return List.of(
                follow(registry, Resources.PODS, (r, gone) -> graph.pod(r.key(), gone ? null : r)),
                follow(registry, Resources.PERSISTENT_VOLUMES, (r, gone) -> graph.volume(r.name(), gone ? null : r)),
                follow(
                        registry,
                        Resources.VOLUME_ATTACHMENTS,
                        (r, gone) -> graph.attachment(r.name(), gone ? null : r)));
    }

    private static Client.Watch follow(
            Registry registry, GroupVersionResource resource, BiConsumer<Revision, Boolean> told) {
        return registry.watch(resource, "", r -> true, -1, new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                told.accept(event.revision(), event.type() == WatchEvent.Type.DELETED);
            }

            @Override
            public void onClosed(StatusException cause) {
                throw new IllegalStateException("the registry ended a watch of its own", cause);
            }
        });
    }

    private static RbacAuthorizer rbac(Registry registry) {
        return new RbacAuthorizer(new RbacAuthorizer.Objects() {
            @Override
            public List<Revision> all(GroupVersionResource resource) {
                return registry.list(resource, "", r -> true, 0, "").items();
            }

            @Override
            public long version(GroupVersionResource resource) {
                return registry.version(resource);
            }
        });
    }

    @Override
    public void close() {
        if (http != null) {
            http.close();
        }
        if (flows != null) {
            flows.close();
        }
        Compaction running = compaction;
        if (running != null) {
            running.close();
        }
        aggregation.close();
        custom.close();
        graph.forEach(Client.Watch::close);
        registry.close();
        if (owned != null) {
            owned.close();
        }
    }
}
