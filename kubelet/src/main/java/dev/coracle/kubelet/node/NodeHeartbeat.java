package dev.coracle.kubelet.node;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Shows that the node lives: a Lease renewed every 10 s, and the status looked at as often but written only when it has
 * changed or five minutes have passed (KEP-589).
 */
public final class NodeHeartbeat implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("coracle.kubelet");
    private static final String LEASES = "kube-node-lease";
    private static final long LEASE_SECONDS = 40;
    private static final Duration RENEWAL = Duration.ofSeconds(10);
    private static final int RENEWALS_PER_REPORT = 30;

    private final String node;
    private final Client client;
    private final Environment environment;
    private final NodeRegistration registration;
    private final EventRecorder events;
    private final List<Timers.Timer> timers = new ArrayList<>();
    private String nodeUid = "";
    private int renewals;

    public NodeHeartbeat(
            String node, Client client, Environment environment, NodeRegistration registration, EventRecorder events) {
        this.node = node;
        this.client = client;
        this.environment = environment;
        this.registration = registration;
        this.events = events;
    }

    /** Registers the node, shows its first sign of life and goes on. */
    public void start() {
        Unstructured registered = registration.register();
        nodeUid = registered.uid();
        renew();
        registration.refresh(true);
        // Upstream files node events under the node's name, since the cloud may not know the uid yet.
        Unstructured about = Unstructured.of("v1", "Node", "", node).set(node, "metadata", "uid");
        events.normal(about, "Starting", "Starting kubelet.");
        events.normal(about, "NodeReady", "Node " + node + " status is now: NodeReady");
        timers.add(environment.timers().every(RENEWAL, this::beat));
    }

    private void beat() {
        try {
            renew();
            registration.refresh(++renewals % RENEWALS_PER_REPORT == 0);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "node " + node + " could not report", e);
        }
    }

    private void renew() {
        String now = Timestamps.formatMicro(environment.clock().now());
        try {
            Unstructured lease =
                    client.get(Resources.LEASES, LEASES, node).object().copy();
            client.update(
                    Resources.LEASES,
                    lease.set(now, "spec", "renewTime").set(node, "spec", "holderIdentity"),
                    WriteOptions.DEFAULT);
        } catch (StatusException e) {
            if (!e.isNotFound()) {
                throw e;
            }
            Unstructured lease = Unstructured.of("coordination.k8s.io/v1", "Lease", LEASES, node)
                    .set(node, "spec", "holderIdentity")
                    .set(LEASE_SECONDS, "spec", "leaseDurationSeconds")
                    .set(now, "spec", "renewTime")
                    .addOwner(new OwnerReference("v1", "Node", node, nodeUid, false, false));
            client.create(Resources.LEASES, LEASES, lease, WriteOptions.DEFAULT);
        }
    }

    @Override
    public void close() {
        timers.forEach(Timers.Timer::cancel);
        timers.clear();
    }
}
