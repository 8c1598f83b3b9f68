package dev.coracle.scheduler;

import dev.coracle.client.ApiEventRecorder;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The pods of one {@code schedulerName}: the plugins that decide about them, and under which name is told what came of it.
 * All profiles share the nodes, the queue and the loop.
 *
 * @param local those filters that look at one node at a time
 */
record Profile(
        Plugins plugins,
        List<Plugin.PreEnqueue> gates,
        List<Plugin.Filters> filters,
        List<Plugin.Filters> local,
        List<Plugin.Reserves> reserves,
        List<Plugin.Permits> permits,
        Decision.Maker maker,
        Writes writes) {

    static Profile of(
            KubeSchedulerConfiguration.ProfileSettings settings,
            Registry.World world,
            Environment environment,
            Sampling sampling) {
        Plugins plugins = new Plugins(settings, world);
        String name = settings.schedulerName();
        return new Profile(
                plugins,
                plugins.at(Point.PRE_ENQUEUE, Plugin.PreEnqueue.class),
                plugins.filters(),
                plugins.filters().stream().filter(Plugin.Filters::isLocal).toList(),
                plugins.at(Point.RESERVE, Plugin.Reserves.class),
                plugins.at(Point.PERMIT, Plugin.Permits.class),
                new Decision.Maker(plugins, settings.percentageOfNodes(), sampling, environment.entropy()),
                new Writes(
                        world.client(),
                        new ApiEventRecorder(world.client(), environment, name, ""),
                        environment.clock()));
    }

    /** All of them, by the name that pods call them. */
    static final class All {
        private final Map<String, Profile> byName = new LinkedHashMap<>();

        All(KubeSchedulerConfiguration configuration, Registry.World world, Environment environment) {
            Sampling sampling = new Sampling();
            configuration
                    .profiles()
                    .forEach(p -> byName.put(p.schedulerName(), Profile.of(p, world, environment, sampling)));
        }

        @Nullable
        Profile find(PodInfo pod) {
            return byName.get(pod.schedulerName());
        }

        /** Null for a pod that is another scheduler's. */
        @Nullable
        Profile find(Unstructured pod) {
            return byName.get(pod.stringOr("default-scheduler", "spec", "schedulerName"));
        }

        Profile of(Unstructured pod) {
            Profile profile = find(pod);
            if (profile == null) {
                throw new IllegalStateException("no profile for " + pod.namespace() + "/" + pod.name());
            }
            return profile;
        }

        boolean synced() {
            return byName.values().stream().allMatch(p -> p.plugins.synced());
        }
    }
}
