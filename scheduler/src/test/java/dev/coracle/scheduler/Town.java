package dev.coracle.scheduler;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** A scheduler before an API server in memory, in virtual time, and short words for what happens there. */
final class Town implements AutoCloseable {
    private final VirtualEnvironment world;
    private final ApiServer server;
    final Client client;
    private final ClientInformers informers;
    final Scheduler scheduler;

    Town(long seed) {
        this(seed, c -> c);
    }

    /** @param configuration what lies below {@code profiles}, and beside it */
    static Town configured(String configuration) {
        return of(KubeSchedulerConfiguration.parse(
                "apiVersion: kubescheduler.config.k8s.io/v1\n" + "kind: KubeSchedulerConfiguration\n" + configuration));
    }

    static Town of(KubeSchedulerConfiguration configuration) {
        return new Town(3, c -> c, configuration);
    }

    /** @param between what the scheduler's own client is like */
    Town(long seed, UnaryOperator<Client> between) {
        this(seed, between, KubeSchedulerConfiguration.DEFAULT);
    }

    private Town(long seed, UnaryOperator<Client> between, KubeSchedulerConfiguration configuration) {
        world = new VirtualEnvironment(seed);
        server = ApiServer.inMemory(world.environment());
        client = server.client(UserInfo.ADMIN);
        informers = new ClientInformers(client, world.environment());
        // With the rights that it has in a cluster, and no more.
        scheduler = new Scheduler(
                between.apply(server.client(UserInfo.component("system:kube-scheduler"))),
                informers,
                world.environment(),
                configuration);
        scheduler.start();
        informers.start();
        pass(1);
    }

    @Override
    public void close() {
        scheduler.close();
        informers.close();
        server.close();
    }

    void pass(int seconds) {
        world.advance(Duration.ofSeconds(seconds));
    }

    /** @param labels and spec as JSON members, with a comma after each */
    void node(String name, String zone, String cpu, String spec) {
        create(
                Resources.NODES,
                "",
                "{'apiVersion':'v1','kind':'Node','metadata':{'name':'" + name + "','labels':{"
                        + "'topology.kubernetes.io/zone':'" + zone + "','kubernetes.io/hostname':'" + name
                        + "'}},'spec':{" + spec + "}}");
        client.patch(
                Resources.NODES,
                "",
                name,
                Patch.merge(tree("{'status':{'allocatable':{'cpu':'" + cpu + "','memory':'16Gi','pods':'110'}}}")),
                WriteOptions.STATUS);
    }

    void nodes(String... names) {
        for (String name : names) {
            node(name, "z", "8", "");
        }
    }

    /** @param spec JSON members, with a comma after each */
    void pod(String name, String labels, String spec) {
        pod("default", name, labels, spec, "");
    }

    void asking(String name, String cpu, String spec) {
        pod("default", name, "'app':'" + name + "'", spec, ",'resources':{'requests':{'cpu':'" + cpu + "'}}");
    }

    void pod(String namespace, String name, String labels, String spec, String container) {
        create(
                Resources.PODS,
                namespace,
                "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'" + name + "','labels':{" + labels + "}},'spec':{"
                        + spec + "'containers':[{'name':'c','image':'app:v1'" + container + "}]}}");
    }

    void create(GroupVersionResource resource, String namespace, String json) {
        client.create(resource, namespace, tree(json), WriteOptions.DEFAULT);
    }

    Unstructured pod(String name) {
        return client.get(Resources.PODS, "default", name).object();
    }

    boolean exists(String pod) {
        try {
            client.get(Resources.PODS, "default", pod);
            return true;
        } catch (StatusException e) {
            return false;
        }
    }

    /** The node that a pod is on; {@code ""} while it waits. */
    String nodeOf(String pod) {
        return pod(pod).string("spec", "nodeName");
    }

    List<Unstructured> pods() {
        return client.list(Resources.PODS, "", ListOptions.ALL).items().stream()
                .map(r -> r.object())
                .toList();
    }

    /** How many pods whose names begin so are on each node; those that wait under {@code ""}. */
    Map<String, Integer> spread(String prefix) {
        Map<String, Integer> spread = new TreeMap<>();
        pods().stream()
                .filter(p -> p.name().startsWith(prefix))
                .forEach(p -> spread.merge(p.string("spec", "nodeName"), 1, Integer::sum));
        return spread;
    }

    /** Why it waits, by its condition. */
    String why(String pod) {
        return pod(pod).objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals("PodScheduled"))
                .map(c -> c.string("message"))
                .findFirst()
                .orElse("");
    }

    List<String> events(String reason) {
        return client.list(Resources.EVENTS, "default", ListOptions.ALL).items().stream()
                .map(e -> e.object())
                .filter(e -> e.string("reason").equals(reason))
                .map(e -> e.object("involvedObject").string("name") + ": " + e.string("message"))
                .toList();
    }

    static Unstructured tree(String json) {
        return Unstructured.parse(json.replace('\'', '"'));
    }
}
