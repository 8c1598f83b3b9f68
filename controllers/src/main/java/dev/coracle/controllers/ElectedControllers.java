package dev.coracle.controllers;

import dev.coracle.client.ApiEventRecorder;
import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.LoopMetrics;
import dev.coracle.client.election.LeaderElection;
import dev.coracle.client.election.LeaderElector;
import dev.coracle.machinery.env.Environment;
import java.util.List;

/** Controllers of which there are several sets before one API server: they run while theirs leads, with copies of its own. */
public final class ElectedControllers implements AutoCloseable {
    /** The Lease of those that are not told another. */
    public static final LeaderElection ELECTION = LeaderElection.of("kube-system", "kube-controller-manager");

    private record Running(Controllers controllers, ClientInformers informers) implements AutoCloseable {
        @Override
        public void close() {
            controllers.close();
            informers.close();
        }
    }

    private final LeaderElector<Running> elector;

    /**
     * @param identity no other candidate's, ever
     * @throws IllegalArgumentException when a controller is selected that there is not
     */
    public ElectedControllers(
            Client client,
            Environment environment,
            ControllersConfig config,
            LeaderElection election,
            String identity) {
        Controllers.check(config.controllers());
        this.elector = new LeaderElector<>(
                client,
                environment,
                election,
                identity,
                new ApiEventRecorder(client, environment, "kube-controller-manager", ""),
                leader -> begin(leader, environment, config));
    }

    private static Running begin(Client leader, Environment environment, ControllersConfig config) {
        ClientInformers informers = new ClientInformers(leader, environment);
        Controllers controllers = new Controllers(leader, informers, environment, config);
        controllers.start();
        informers.start();
        return new Running(controllers, informers);
    }

    public void start() {
        elector.start();
    }

    /** Of the loops that run: of none, while another leads. */
    public List<LoopMetrics> metrics() {
        return elector.work().map(w -> w.controllers().metrics()).orElse(List.of());
    }

    @Override
    public void close() {
        elector.close();
    }
}
