package dev.coracle.apiserver.aggregation;

import dev.coracle.apiserver.authorization.Reviews;
import dev.coracle.apiserver.builtin.BuiltIns;
import dev.coracle.apiserver.metrics.Metrics;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.machinery.env.Environment;
import java.util.Set;
import java.util.TreeSet;

/** Who answers for which group and version. */
public final class Aggregation implements AutoCloseable {
    private final LocalServices local;

    /** @param metrics whether this server answers for {@code metrics.k8s.io} */
    public Aggregation(Registry registry, Environment environment, boolean metrics) {
        this.local = new LocalServices(registry, environment, builtIn(metrics));
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
    }

    @Override
    public void close() {
        local.close();
    }
}
