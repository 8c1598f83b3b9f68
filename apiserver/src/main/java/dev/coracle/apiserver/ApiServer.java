package dev.coracle.apiserver;

import dev.coracle.apiserver.authentication.Authenticator;
import dev.coracle.apiserver.authentication.ServiceAccountTokens;
import dev.coracle.apiserver.authentication.TokenRequests;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.authorization.RbacAuthorizer;
import dev.coracle.apiserver.authorization.Reviews;
import dev.coracle.apiserver.bootstrap.Bootstrap;
import dev.coracle.apiserver.http.HttpServer;
import dev.coracle.apiserver.http.Routes;
import dev.coracle.apiserver.metrics.Metrics;
import dev.coracle.apiserver.metrics.UsageSource;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.client.Client;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.store.Store;
import dev.coracle.store.memory.MemoryStore;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The front door: registry, authorization and, unless it is in memory alone, HTTPS. */
public final class ApiServer implements AutoCloseable {
    private final Environment environment;
    private final Registry registry;
    private final RbacAuthorizer authorizer;
    private final TokenRequests tokens;
    private final Reviews reviews;
    private final @Nullable HttpServer http;
    private final @Nullable Store owned;

    /** Without the resource metrics API. */
    public ApiServer(ApiServerConfig config) {
        this(config, UsageSource.NONE);
    }

    /** @param usage asked whenever somebody reads the resource metrics API */
    public ApiServer(ApiServerConfig config, UsageSource usage) {
        this.environment = config.environment();
        this.registry = new Registry(config.store(), environment, config.serviceCidr(), true);
        this.authorizer = authorizer(registry);
        ServiceAccountTokens tokens =
                new ServiceAccountTokens(config.serviceAccountKeyPem(), registry::find, environment);
        this.tokens = new TokenRequests(tokens, registry::find, environment);
        this.reviews = new Reviews(authorizer, tokens, environment);
        this.http = new HttpServer(
                config,
                new Routes(registry, authorizer, environment, this::client, tokens, metrics(usage)),
                new Authenticator(tokens, authorizer));
        this.owned = null;
    }

    private ApiServer(Environment environment) {
        this.environment = environment;
        this.owned = new MemoryStore(environment);
        this.registry = new Registry(owned, environment, "10.96.0.0/16", false);
        this.authorizer = authorizer(registry);
        ServiceAccountTokens tokens = new ServiceAccountTokens("", registry::find, environment);
        this.tokens = new TokenRequests(tokens, registry::find, environment);
        this.reviews = new Reviews(authorizer, tokens, environment);
        this.http = null;
    }

    /** A server over a store in memory, with no network: what tests of components stand on. */
    public static ApiServer inMemory(Environment environment) {
        ApiServer server = new ApiServer(environment);
        Bootstrap.ensure(server.registry);
        return server;
    }

    /** Creates what every cluster has, and listens. */
    public void start() {
        Bootstrap.ensure(registry);
        if (http != null) {
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
        return new FrontClient(new LocalClient(registry, authorizer, user), authorizer, tokens, reviews, user);
    }

    private Metrics metrics(UsageSource usage) {
        return new Metrics(
                usage,
                (resource, namespace, name) -> registry.find(
                                resource.equals("nodes") ? Resources.NODES : Resources.PODS, namespace, name)
                        .map(Revision::object));
    }

    private static RbacAuthorizer authorizer(Registry registry) {
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
        registry.close();
        if (owned != null) {
            owned.close();
        }
    }
}
