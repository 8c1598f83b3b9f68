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
import dev.coracle.scheduler.plugin.defaultpreemption.DefaultPreemption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What is kept of nodes that refused a pod, and of who would have to go there, changes no decision: one scheduler that
 * remembers, beside one that is new for every pod, while pods of four priorities come, are nominated, make room and go.
 */
class SharedPreemptionPropertyTest {
    private static final int WORLDS = 200;
    private static final int STEPS = 60;

    private final Environment environment = new VirtualEnvironment(1).environment();

    @Test
    void whoRemembersMakesRoomAsWhoDoesNot() {
        int rescued = 0;
        int hopeless = 0;
        int arrived = 0;
        try (ApiServer server = ApiServer.inMemory(environment)) {
            Client client = server.client(UserInfo.ADMIN);
            var informers = new ClientInformers(client, environment);
            var world = new Registry.World(
                    client, informers, environment.entropy(), new Permits(outcome -> {}), environment.clock());
            for (long seed = 0; seed < WORLDS; seed++) {
                var story = new Story(seed);
                var remembering = new Plugins(settings(), world);
                var preemption = preemption(informers);
                var kinds = new Decision.Kinds();
                for (int i = 0; i < STEPS; i++) {
                    PodInfo pod = story.next(i);
                    Cycle cycle = new Cycle(pod, story.placements.snapshot());
                    Decision kept = maker(remembering, preemption, kinds).decide(cycle);
                    Decision anew = maker(new Plugins(settings(), world), preemption(informers), new Decision.Kinds())
                            .decide(cycle);
                    assertThat(told(kept)).as("seed %d, step %d", seed, i).isEqualTo(told(anew));
                    boolean came = !story.placements.unnominate(pod.key()).isEmpty() && kept.node() != null;
                    story.settle(pod, kept);
                    arrived += came ? 1 : 0;
                    rescued += kept.rescue().node().isEmpty() ? 0 : 1;
                    hopeless += kept.node() == null && kept.rescue().node().isEmpty() ? 1 : 0;
                }
            }
            informers.close();
        }
        assertThat(rescued).as("the cases are worth something").isGreaterThan(WORLDS * STEPS / 10);
        assertThat(hopeless).as("the cases are worth something").isGreaterThan(WORLDS * STEPS / 10);
        assertThat(arrived).as("the cases are worth something").isGreaterThan(WORLDS * STEPS / 50);
    }

    private static List<Object> told(Decision d) {
        return List.of(
                d.node() == null ? "" : d.node().name(),
                d.message(),
                d.refusers(),
                d.rescue().message(),
                d.rescue().node(),
                d.rescue().victims().stream().map(PodInfo::uid).toList(),
                d.rescue().keepNomination());
    }

    private static KubeSchedulerConfiguration.ProfileSettings settings() {
        return KubeSchedulerConfiguration.DEFAULT.profiles().getFirst();
    }

    private static DefaultPreemption preemption(ClientInformers informers) {
        return new DefaultPreemption(DefaultPreemption.Args.DEFAULT, informers, new First());
    }

    private static Decision.Maker maker(Plugins plugins, DefaultPreemption preemption, Decision.Kinds kinds) {
        return new Decision.Maker(
                plugins.filters(), plugins.scores(), List.of(preemption), 0, new Sampling(), kinds, new First());
    }

    /** No chance. */
    private static final class First implements Entropy {
        @Override
        public int nextInt(int bound) {
            return 0;
        }

        @Override
        public double nextDouble() {
            return 0;
        }

        @Override
        public byte[] bytes(int length) {
            return new byte[length];
        }
    }

    private static final class Story {
        private static final int NODES = 5;
        private static final int KINDS = 5;

        private final Entropy random;
        private final Placements placements = new Placements();
        private final List<Unstructured> kinds = new ArrayList<>();
        private final List<PodInfo> there = new ArrayList<>();
        private final List<PodInfo> waiting = new ArrayList<>();

        Story(long seed) {
            random = new VirtualEnvironment(seed).environment().entropy();
            placements.namespace("default", java.util.Map.of());
            for (int i = 0; i < NODES; i++) {
                node(i);
            }
            for (int i = 0; i < KINDS; i++) {
                Unstructured kind = Town.tree("{'apiVersion':'v1','kind':'Pod','metadata':{'namespace':'default',"
                        + "'labels':{'app':'" + random.nextInt(2) + "'}},'spec':{'priority':" + random.nextInt(4)
                        + ",'containers':[{'name':'c','image':'i','resources':{'requests':{'cpu':'"
                        + (1 + random.nextInt(3)) + "'}}}]}}");
                if (random.nextInt(8) == 0) {
                    kind.set(
                            Town.tree("{'podAntiAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[{"
                                            + "'topologyKey':'kubernetes.io/hostname','labelSelector':{"
                                            + "'matchLabels':{'app':'0'}}}]}}")
                                    .map(),
                            "spec",
                            "affinity");
                }
                kinds.add(kind);
            }
        }

        private void node(int i) {
            placements.put(Town.tree("{'apiVersion':'v1','kind':'Node','metadata':{'name':'n" + i
                    + "','labels':{'kubernetes.io/hostname':'n" + i + "'}},'spec':{'unschedulable':"
                    + (random.nextInt(6) == 0) + "},'status':{'allocatable':{'cpu':'" + (2 + random.nextInt(4))
                    + "','pods':'10'}}}"));
        }

        /** Something may happen; then a pod comes, or one comes again. */
        PodInfo next(int step) {
            int what = random.nextInt(10);
            if (what == 0) {
                node(random.nextInt(NODES + 1));
            } else if (what == 1) {
                placements.remove("n" + random.nextInt(NODES + 1));
            } else if (what < 4 && !there.isEmpty()) {
                leave(there.get(random.nextInt(there.size())));
            } else if (what == 4 && !waiting.isEmpty()) {
                placements.unnominate(
                        waiting.remove(random.nextInt(waiting.size())).key());
            }
            if (!waiting.isEmpty() && random.nextInt(2) == 0) {
                return waiting.remove(random.nextInt(waiting.size()));
            }
            Unstructured pod = kinds.get(random.nextInt(KINDS)).copy();
            return PodInfo.of(pod.set("p" + step, "metadata", "name").set("uid-" + step, "metadata", "uid"));
        }

        private void leave(PodInfo pod) {
            placements.unplace(pod.key());
            there.remove(pod);
        }

        void settle(PodInfo pod, Decision decision) {
            var node = decision.node();
            if (node != null) {
                placements.place(pod, node.name());
                there.add(pod);
                return;
            }
            waiting.add(pod);
            if (!decision.rescue().node().isEmpty()) {
                placements.nominate(pod, decision.rescue().node());
                decision.rescue().victims().stream()
                        .filter(v -> random.nextInt(3) > 0)
                        .forEach(this::leave);
            }
        }
    }
}
