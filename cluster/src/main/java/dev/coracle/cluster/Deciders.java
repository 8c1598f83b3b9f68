package dev.coracle.cluster;

import dev.coracle.client.Client;
import dev.coracle.client.Informers;
import dev.coracle.client.LoopMetrics;
import dev.coracle.controllers.Controllers;
import dev.coracle.controllers.ControllersConfig;
import dev.coracle.controllers.ElectedControllers;
import dev.coracle.machinery.env.Environment;
import dev.coracle.scheduler.ElectedScheduler;
import dev.coracle.scheduler.KubeSchedulerConfiguration;
import dev.coracle.scheduler.Scheduler;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Controllers and scheduler: each acts at once, on the copies that it is given, or while it leads, on its own. */
final class Deciders implements AutoCloseable {
    private final Deque<AutoCloseable> all = new ArrayDeque<>();
    private final Runnable start;
    private final Supplier<List<LoopMetrics>> metrics;
    private final BiFunction<String, String, Map<String, Object>> why;

    /**
     * @param elect whether both are elected; the scheduler's configuration may ask for it alone
     * @param identity in the elections
     */
    Deciders(
            Client manager,
            Client schedulers,
            Informers informers,
            Environment environment,
            ControllersConfig config,
            KubeSchedulerConfiguration rules,
            boolean elect,
            String identity) {
        Runnable controllersStart;
        if (elect) {
            var elected = new ElectedControllers(manager, environment, config, ElectedControllers.ELECTION, identity);
            all.push(elected);
            controllersStart = elected::start;
            metrics = elected::metrics;
        } else {
            var controllers = new Controllers(manager, informers, environment, config);
            all.push(controllers);
            controllersStart = controllers::start;
            metrics = controllers::metrics;
        }
        var election = (elect ? rules.elected() : rules).election();
        Runnable schedulerStart;
        if (election.isPresent()) {
            var elected = new ElectedScheduler(schedulers, manager, environment, rules, election.get(), identity);
            all.push(elected);
            schedulerStart = elected::start;
            why = elected::why;
        } else {
            var scheduler = new Scheduler(schedulers, informers, environment, rules);
            all.push(scheduler);
            schedulerStart = scheduler::start;
            why = scheduler::why;
        }
        start = () -> {
            controllersStart.run();
            schedulerStart.run();
        };
    }

    /** The caller starts the informers. */
    void start() {
        start.run();
    }

    List<LoopMetrics> metrics() {
        return metrics.get();
    }

    /** @throws IllegalArgumentException when that is not known, with why */
    Map<String, Object> why(String namespace, String name) {
        return why.apply(namespace, name);
    }

    @Override
    public void close() throws Exception {
        while (!all.isEmpty()) {
            all.pop().close();
        }
    }
}
