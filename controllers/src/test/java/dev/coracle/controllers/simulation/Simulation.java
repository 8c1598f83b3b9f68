package dev.coracle.controllers.simulation;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controllers;
import dev.coracle.controllers.ControllersConfig;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One world, from its seed to its end. */
final class Simulation implements AutoCloseable {
    private static final List<String> CONTROLLERS = List.of(
            "deployment-controller",
            "replicaset-controller",
            "statefulset-controller",
            "daemonset-controller",
            "job-controller",
            "disruption-controller");
    private static final Duration TROUBLE = Duration.ofMinutes(3);
    private static final Duration PEACE = Duration.ofMinutes(30);

    private final VirtualEnvironment time;
    private final ApiServer server;
    private final Client truth;
    private final Random random;
    private final Faults faults;
    private final ClientInformers sight;
    private final Nodes nodes;
    private final List<Workload> workloads = new ArrayList<>();
    private final UnaryOperator<Client> flaw;
    private final Path volumes;
    private int writes;
    private @Nullable AssertionError broken;

    private FaultyClient life;
    private ClientInformers informers;
    private Controllers controllers;

    /** @param flaw what stands between the controllers and the API, as if one of them had a fault */
    Simulation(long seed, UnaryOperator<Client> flaw, Path volumes) {
        this.random = new Random(seed);
        this.flaw = flaw;
        this.volumes = volumes;
        this.time = new VirtualEnvironment(seed);
        Environment environment = time.environment();
        this.server = ApiServer.inMemory(environment);
        this.truth = server.client(UserInfo.ADMIN);
        this.faults = new Faults(new Random(random.nextLong()));
        this.sight = new ClientInformers(truth, environment);
        this.nodes = new Nodes(truth, sight, environment, new Random(random.nextLong()), this::look);
        sight.start();
        List<Workload> all = Workloads.all();
        for (Workload w : all) {
            if (random.nextInt(all.size()) < 2) {
                workloads.add(w);
            }
        }
        if (workloads.isEmpty()) {
            workloads.add(all.get(random.nextInt(all.size())));
        }
        begin();
    }

    // ---- the lives of the controllers

    private void begin() {
        Environment environment = time.environment();
        life = new FaultyClient(truth, environment, faults, new FaultyClient.Watcher() {
            @Override
            public void before(String what, GroupVersionResource resource, String namespace, String name, Object body) {
                holds(() -> workloads.forEach(w -> w.before(Simulation.this, what, resource, name)));
            }

            @Override
            public void after() {
                look();
            }

            @Override
            public void crash() {
                // Who writes is in the middle of his work; it is over when he has found that out.
                environment.timers().schedule(Duration.ofMillis(1), Simulation.this::end);
                environment.timers().schedule(faults.away().plusMillis(2), Simulation.this::begin);
            }
        });
        Client seen = flaw.apply(life);
        informers = new ClientInformers(seen, environment);
        controllers = new Controllers(
                seen,
                informers,
                environment,
                new ControllersConfig(volumes, "PEM", Duration.ofSeconds(50)).controllers(CONTROLLERS));
        controllers.start();
        informers.start();
    }

    private void end() {
        controllers.close();
        informers.close();
    }

    // ---- what workloads ask for

    Client client() {
        return truth;
    }

    Random random() {
        return random;
    }

    Nodes nodes() {
        return nodes;
    }

    void create(GroupVersionResource resource, String json) {
        truth.create(resource, "default", Unstructured.parse(json.replace('\'', '"')), WriteOptions.DEFAULT);
    }

    void patch(GroupVersionResource resource, String name, String json) {
        truth.patch(
                resource,
                "default",
                name,
                Patch.merge(Unstructured.parse(json.replace('\'', '"'))),
                WriteOptions.DEFAULT);
    }

    Unstructured get(GroupVersionResource resource, String name) {
        return truth.get(resource, "default", name).object();
    }

    /** By a label. */
    List<Unstructured> list(GroupVersionResource resource, String selector) {
        return truth.list(resource, "default", ListOptions.labels(selector)).items().stream()
                .map(Revision::object)
                .toList();
    }

    /** Lets all come to rest. */
    void rest() {
        advance(PEACE);
    }

    // ---- its course

    /** Looks whether all holds that must always hold. */
    private void look() {
        writes++;
        holds(() -> workloads.forEach(w -> w.look(this)));
    }

    /** Who is told that something does not hold would take it for a failure of his own, and try again. */
    private void holds(Runnable assertion) {
        try {
            assertion.run();
        } catch (AssertionError e) {
            broken = broken == null ? e : broken;
        }
    }

    private void advance(Duration duration) {
        time.advance(duration);
        if (broken != null) {
            throw broken;
        }
    }

    /** How many writes there were. */
    int run() {
        workloads.forEach(w -> w.begin(this));
        int disturbances = 1 + random.nextInt(5);
        for (int i = 0; i < disturbances; i++) {
            advance(TROUBLE.dividedBy(disturbances));
            Workload w = workloads.get(random.nextInt(workloads.size()));
            w.disturb(this);
        }
        advance(Duration.ofSeconds(20));
        faults.stop();
        advance(PEACE);
        workloads.forEach(w -> w.converged(this));
        return writes;
    }

    @Override
    public void close() {
        end();
        nodes.close();
        sight.close();
        server.close();
    }
}
