package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.RandomCluster;
import dev.coracle.scheduler.framework.RandomCluster.Placed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What is kept from pod to pod changes no decision: one scheduler that remembers, beside one that is new for every pod, while
 * pods come and go and nodes and namespaces change.
 */
class SharingPropertyTest {
    private static final int WORLDS = 300;
    private static final int PODS = 30;

    private final Environment environment = new VirtualEnvironment(1).environment();

    @Test
    void whoRemembersDecidesAsWhoDoesNot() {
        int placed = 0;
        int refused = 0;
        try (ApiServer server = ApiServer.inMemory(environment)) {
            Client client = server.client(UserInfo.ADMIN);
            var informers = new ClientInformers(client, environment);
            var world = new Registry.World(
                    client, informers, environment.entropy(), new Permits(outcome -> {}), environment.clock());
            for (long seed = 0; seed < WORLDS; seed++) {
                var story = new Story(seed, new Plugins(settings(), world));
                for (int i = 0; i < PODS; i++) {
                    Unstructured pod = story.next(i);
                    Decision kept = story.decide(pod, story.remembering());
                    Decision anew = story.decide(
                            pod, maker(new Plugins(settings(), world), story.sampling(), new Decision.Kinds()));
                    assertThat(kept.message()).as("seed %d, pod %d", seed, i).isEqualTo(anew.message());
                    assertThat(kept.refusers()).as("seed %d, pod %d", seed, i).isEqualTo(anew.refusers());
                    assertThat(name(kept)).as("seed %d, pod %d", seed, i).isEqualTo(name(anew));
                    story.settle(pod, name(kept));
                    placed += kept.node() == null ? 0 : 1;
                    refused += kept.node() == null ? 1 : 0;
                }
            }
            informers.close();
        }
        assertThat(placed).as("the cases are worth something").isGreaterThan(WORLDS * PODS / 5);
        assertThat(refused).as("the cases are worth something").isGreaterThan(WORLDS * PODS / 5);
    }

    private static KubeSchedulerConfiguration.ProfileSettings settings() {
        return KubeSchedulerConfiguration.DEFAULT.profiles().getFirst();
    }

    /** Always with the same chance. */
    private static Decision.Maker maker(Plugins plugins, Sampling sampling, Decision.Kinds kinds) {
        return new Decision.Maker(
                plugins.filters(),
                plugins.scores(),
                List.of(),
                0,
                sampling,
                kinds,
                new VirtualEnvironment(7).environment().entropy());
    }

    private static String name(Decision decision) {
        return decision.node() == null ? "" : decision.node().name();
    }

    private static final class Story {
        private static final int KINDS = 3;

        private final Entropy random;
        private final Placements placements = new Placements();
        private final Sampling sampling = new Sampling();
        private final Plugins plugins;
        private final List<Unstructured> nodes = new ArrayList<>();
        private final List<Unstructured> kinds = new ArrayList<>();
        private final Map<String, PodInfo> there = new HashMap<>();
        private int before;
        private final Decision.Kinds remembered = new Decision.Kinds();

        Story(long seed, Plugins plugins) {
            this.plugins = plugins;
            random = new VirtualEnvironment(seed).environment().entropy();
            var cluster = new RandomCluster(seed);
            RandomCluster.NAMESPACES.forEach(placements::namespace);
            for (Unstructured n : cluster.nodes()) {
                n.set(Map.of("pods", "5", "cpu", 1 + random.nextInt(4) + ""), "status", "allocatable");
                if (random.nextInt(3) == 0) {
                    n.add(image(), "status", "images");
                }
                nodes.add(n);
                placements.put(n);
            }
            for (Placed p : cluster.placed()) {
                place(PodInfo.of(p.pod()), p.node());
            }
            for (int k = 0; k < KINDS; k++) {
                Unstructured kind = new RandomCluster(seed * KINDS + k).incoming();
                kind.add(
                        Unstructured.parse("{\"name\":\"c\",\"image\":\"web:1\",\"resources\":{\"requests\":{\"cpu\":\""
                                + (1 + random.nextInt(8)) + "00m\"}}}"),
                        "spec",
                        "containers");
                if (random.nextInt(4) == 0) {
                    prefer(kind);
                }
                kinds.add(kind);
            }
            // Nearly alike.
            kinds.add(kinds.getFirst().copy().set("other", "metadata", "labels", "app"));
            kinds.add(kinds.getFirst().copy().set("two", "metadata", "namespace"));
        }

        private static Unstructured image() {
            return Unstructured.parse("{\"names\":[\"web:1\"],\"sizeBytes\":500000000}");
        }

        private void prefer(Unstructured pod) {
            String kind = random.nextInt(2) == 0 ? "podAffinity" : "podAntiAffinity";
            pod.add(
                    Unstructured.parse("{\"weight\":10,\"podAffinityTerm\":{\"topologyKey\":\"zone\",\"labelSelector\":"
                            + "{\"matchLabels\":{\"app\":\"p\"}}}}"),
                    "spec",
                    "affinity",
                    kind,
                    "preferredDuringSchedulingIgnoredDuringExecution");
            pod.objects("spec", "topologySpreadConstraints").forEach(c -> c.set("ScheduleAnyway", "whenUnsatisfiable"));
        }

        Decision.Maker remembering() {
            return maker(plugins, sampling, remembered);
        }

        /** Where the next look begins, for another to begin there too. */
        Sampling sampling() {
            var same = new Sampling();
            same.looked(before, Math.max(1, nodes.size()));
            return same;
        }

        Decision decide(Unstructured pod, Decision.Maker maker) {
            return maker.decide(new Cycle(PodInfo.of(pod), placements.snapshot()));
        }

        /** Something happens, and a pod comes. */
        Unstructured next(int number) {
            happen();
            before = sampling.start(nodes.size());
            Unstructured pod = kinds.get(random.nextInt(kinds.size())).copy();
            return pod.set("new-" + number, "metadata", "name").set("uid-new-" + number, "metadata", "uid");
        }

        private void happen() {
            Unstructured node = nodes.get(random.nextInt(nodes.size()));
            switch (random.nextInt(8)) {
                case 0 ->
                    replace(node, node.copy().set("abc".charAt(random.nextInt(3)) + "", "metadata", "labels", "zone"));
                case 1 -> replace(node, node.copy().set(random.nextInt(2) == 0, "spec", "unschedulable"));
                case 2 -> {
                    var removed = nodes.size() > 1 ? node : null;
                    if (removed != null) {
                        nodes.remove(removed);
                        placements.remove(removed.name());
                    }
                }
                case 3 -> {
                    Unstructured added = node.copy().set("more-" + random.nextInt(1000), "metadata", "name");
                    if (placements.node(added.name()) == null) {
                        nodes.add(added);
                        placements.put(added);
                    }
                }
                case 4 -> placements.namespace("one", Map.of("team", random.nextInt(2) == 0 ? "red" : "blue"));
                case 5, 6 ->
                    there.keySet().stream().sorted().findFirst().ifPresent(uid -> {
                        placements.unplace(there.get(uid).key());
                        there.remove(uid);
                    });
                default -> {}
            }
        }

        private void replace(Unstructured before, Unstructured after) {
            nodes.set(nodes.indexOf(before), after);
            placements.put(after);
        }

        void settle(Unstructured pod, String node) {
            if (!node.isEmpty()) {
                place(PodInfo.of(pod), node);
            }
        }

        private void place(PodInfo pod, String node) {
            placements.place(pod, node);
            there.put(pod.uid(), pod);
        }
    }
}
