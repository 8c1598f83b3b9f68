package dev.coracle.scheduler;

import dev.coracle.client.ApiEventRecorder;
import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.election.LeaderElection;
import dev.coracle.client.election.LeaderElector;
import dev.coracle.machinery.env.Environment;
import java.util.Map;

/** A scheduler of several before one API server: it schedules while it leads, with copies of its own. */
public final class ElectedScheduler implements AutoCloseable {
    private record Running(Scheduler scheduler, ClientInformers informers) implements AutoCloseable {
        @Override
        public void close() {
            scheduler.close();
            informers.close();
        }
    }

    private final LeaderElector<Running> elector;

    /**
     * @param client to write with, and for the lease
     * @param sight to see with: more than a scheduler's own role lets it see
     * @param identity no other candidate's, ever
     */
    public ElectedScheduler(
            Client client,
            Client sight,
            Environment environment,
            KubeSchedulerConfiguration configuration,
            LeaderElection election,
            String identity) {
        String name = configuration.profiles().getFirst().schedulerName();
        this.elector = new LeaderElector<>(
                client,
                environment,
                election,
                identity,
                new ApiEventRecorder(client, environment, name, ""),
                leader -> begin(leader, sight, environment, configuration));
    }

    private static Running begin(
            Client leader, Client sight, Environment environment, KubeSchedulerConfiguration configuration) {
        ClientInformers informers = new ClientInformers(sight, environment);
        Scheduler scheduler = new Scheduler(leader, informers, environment, configuration);
        scheduler.start();
        informers.start();
        return new Running(scheduler, informers);
    }

    public void start() {
        elector.start();
    }

    /**
     * As {@link Scheduler#why}.
     *
     * @throws IllegalArgumentException also when another leads
     */
    public Map<String, Object> why(String namespace, String name) {
        return elector.work()
                .orElseThrow(() -> new IllegalArgumentException("this scheduler does not lead: another one decides"))
                .scheduler()
                .why(namespace, name);
    }

    @Override
    public void close() {
        elector.close();
    }
}
