package dev.coracle.controllers;

import dev.coracle.client.ApiEventRecorder;
import dev.coracle.client.Client;
import dev.coracle.client.Informers;
import dev.coracle.controllers.clusterroleaggregation.ClusterRoleAggregationController;
import dev.coracle.controllers.deployment.DeploymentController;
import dev.coracle.controllers.endpointslice.EndpointSliceController;
import dev.coracle.controllers.garbage.GarbageCollector;
import dev.coracle.controllers.namespace.NamespaceController;
import dev.coracle.controllers.node.NodeLifecycleController;
import dev.coracle.controllers.node.PodGarbageCollector;
import dev.coracle.controllers.node.TaintEvictionController;
import dev.coracle.controllers.replicaset.Family;
import dev.coracle.controllers.replicaset.ReplicaSetController;
import dev.coracle.controllers.resourcequota.ResourceQuotaController;
import dev.coracle.controllers.serviceaccount.ServiceAccountController;
import dev.coracle.controllers.volume.Protection;
import dev.coracle.controllers.volume.ReclaimController;
import dev.coracle.controllers.volume.VolumeController;
import dev.coracle.machinery.env.Environment;
import java.util.ArrayList;
import java.util.List;

/** Every controller, in one screen. */
public final class Controllers implements AutoCloseable {
    private final Client client;
    private final Informers informers;
    private final Environment environment;
    private final ControllersConfig config;
    private final List<Controller> running = new ArrayList<>();

    public Controllers(Client client, Informers informers, Environment environment, ControllersConfig config) {
        this.client = client;
        this.informers = informers;
        this.environment = environment;
        this.config = config;
    }

    /** Starts all; the caller starts the informers. */
    public void start() {
        var world = new ControllerContext(client, informers, environment, config);
        running.add(new DeploymentController(world, events("deployment-controller")));
        running.add(new ReplicaSetController(world, events("replicaset-controller")));
        running.add(new ReplicaSetController(Family.REPLICATION_CONTROLLERS, world, events("replication-controller")));
        running.add(new EndpointSliceController(world));
        running.add(new NamespaceController(world));
        running.add(new ServiceAccountController(world));
        running.add(new ClusterRoleAggregationController(world));
        running.add(new VolumeController(world, events("persistentvolume-controller")));
        running.add(new ReclaimController(world, events("persistentvolume-controller")));
        running.add(new Protection(world));
        running.add(new ResourceQuotaController(world));
        running.add(new GarbageCollector(world));
        running.add(new NodeLifecycleController(world, events("node-controller")));
        running.add(new TaintEvictionController(world, events("taint-eviction-controller")));
        running.add(new PodGarbageCollector(world));
    }

    private ApiEventRecorder events(String component) {
        return new ApiEventRecorder(client, environment, component, "");
    }

    @Override
    public void close() {
        running.forEach(Controller::close);
        running.clear();
    }
}
