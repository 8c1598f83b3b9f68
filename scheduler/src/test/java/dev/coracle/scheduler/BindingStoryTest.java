package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What becomes of decisions. */
class BindingStoryTest {
    @Test
    void noNodeAndNoPortIsPromisedTwiceThoughBindingsFailAndAnswersAreLost() {
        for (long seed = 0; seed < 20; seed++) {
            var moods = new Random(seed);
            try (Town town = new Town(seed, client -> moody(client, moods))) {
                town.node("a", "z", "4", "");
                town.node("b", "z", "4", "");
                for (int i = 0; i < 24; i++) {
                    town.asking("p-" + i, "500m", "");
                    if (i % 2 == 0) {
                        town.pod(
                                "default",
                                "port-" + i,
                                "'app':'port'",
                                "",
                                ",'ports':[{'containerPort':80,'hostPort':80}]");
                    }
                    if (i % 5 == 4 && moods.nextBoolean()) {
                        town.client.delete(Resources.PODS, "default", "p-" + (i - 1), DeleteOptions.NOW);
                    }
                    if (moods.nextInt(3) == 0) {
                        town.pass(1);
                    }
                    check(town);
                }
                town.pass(120);
                check(town);
                assertThat(town.spread("p-").get("a") + town.spread("p-").get("b"))
                        .as("seed %d: what is free is used in the end", seed)
                        .isEqualTo(16);
                assertThat(town.spread("port")).containsEntry("a", 1).containsEntry("b", 1);
            }
        }
    }

    private static void check(Town town) {
        Map<String, Integer> millis = new HashMap<>();
        Set<String> ports = new HashSet<>();
        for (Unstructured p : town.pods()) {
            String node = p.string("spec", "nodeName");
            if (!node.isEmpty() && p.name().startsWith("p-")) {
                assertThat(millis.merge(node, 500, Integer::sum)).isLessThanOrEqualTo(4000);
            } else if (!node.isEmpty()) {
                assertThat(ports.add(node)).as("the port of %s", node).isTrue();
            }
        }
    }

    /** Refuses a binding now and then, or does it and says that it failed. */
    private static Client moody(Client client, Random moods) {
        return (Client) Proxy.newProxyInstance(
                Client.class.getClassLoader(), new Class<?>[] {Client.class}, (proxy, method, args) -> {
                    boolean binds = method.getName().equals("post");
                    int mood = binds ? moods.nextInt(6) : 2;
                    if (mood == 0) {
                        throw new StatusException(500, "InternalError", "not now");
                    }
                    try {
                        Object answer = method.invoke(client, args);
                        if (mood == 1) {
                            throw new StatusException(504, "Timeout", "who knows");
                        }
                        return answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void anotherPodOfTheNameIsNotBoundByTheDecisionAboutTheFirst() {
        try (Town town = new Town(3)) {
            town.pod("p", "'app':'p'", "'nodeSelector':{'disk':'ssd'},");
            town.pass(1);
            town.client.delete(Resources.PODS, "default", "p", DeleteOptions.NOW);
            town.nodes("a");
            town.pod("p", "'app':'p'", "");
            town.pass(1);
            assertThat(town.nodeOf("p")).isEqualTo("a");
        }
    }

    @Test
    void aGateThatIsLiftedLetsThePodIn() {
        try (Town town = new Town(3)) {
            town.nodes("a");
            town.pod("gated", "'app':'p'", "'schedulingGates':[{'name':'example.com/wait'}],");
            town.pass(60);
            assertThat(town.scheduler.attempts()).isZero();
            town.client.patch(
                    Resources.PODS,
                    "default",
                    "gated",
                    Patch.merge(Town.tree("{'spec':{'schedulingGates':null}}")),
                    WriteOptions.DEFAULT);
            town.pass(1);
            assertThat(town.nodeOf("gated")).isEqualTo("a");
        }
    }

    @Test
    void aPodThatNamesItsNodeByFieldGoesThereOrNowhere() {
        try (Town town = new Town(3)) {
            town.node("a", "z", "1", "");
            town.nodes("b", "c");
            town.asking("daemon", "500m", onField("a"));
            town.asking("late", "800m", onField("a"));
            town.pass(1);
            assertThat(town.nodeOf("daemon")).isEqualTo("a");
            assertThat(town.why("late"))
                    .isEqualTo("0/3 nodes are available: 1 Insufficient cpu,"
                            + " 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: 0/3 nodes are available:"
                            + " 1 No preemption victims found for incoming pod,"
                            + " 2 Preemption is not helpful for scheduling.");
        }
    }

    @Test
    void aBoundVolumeTakesThePodToItsNode() {
        try (Town town = new Town(3)) {
            town.nodes("a", "b");
            town.create(
                    Resources.PERSISTENT_VOLUMES,
                    "",
                    "{'apiVersion':'v1','kind':'PersistentVolume','metadata':{'name':'pv'},'spec':{"
                            + "'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],"
                            + "'hostPath':{'path':'/data'},'nodeAffinity':{'required':{'nodeSelectorTerms':["
                            + "{'matchExpressions':[{'key':'kubernetes.io/hostname','operator':'In','values':['x']}]},"
                            + "{'matchExpressions':[{'key':'kubernetes.io/hostname','operator':'In','values':['b']}]}"
                            + "]}}}}");
            town.create(
                    Resources.PERSISTENT_VOLUME_CLAIMS,
                    "default",
                    "{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'data'},'spec':{"
                            + "'volumeName':'pv','accessModes':['ReadWriteOnce'],"
                            + "'resources':{'requests':{'storage':'1Gi'}}}}");
            String volume = "'volumes':[{'name':'d','persistentVolumeClaim':{'claimName':'data'}}],";
            town.pod("db", "'app':'db'", volume);
            town.pod("astray", "'app':'db'", volume + "'nodeSelector':{'kubernetes.io/hostname':'a'},");
            town.pass(1);
            assertThat(town.nodeOf("db")).isEqualTo("b");
            assertThat(town.why("astray"))
                    .startsWith("0/2 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity,"
                            + " 1 node(s) didn't match Pod's node affinity/selector.");
        }
    }

    @Test
    void whoAwaitsAVolumeKeepsItsPlaceAndIsNotTriedInVain() {
        try (Town town = new Town(3)) {
            town.node("a", "z", "1", "");
            town.create(
                    Resources.STORAGE_CLASSES,
                    "",
                    "{'apiVersion':'storage.k8s.io/v1','kind':'StorageClass','metadata':{'name':'local'},"
                            + "'provisioner':'example.com/local','volumeBindingMode':'WaitForFirstConsumer'}");
            town.create(
                    Resources.PERSISTENT_VOLUME_CLAIMS,
                    "default",
                    "{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'data'},'spec':{"
                            + "'storageClassName':'local','accessModes':['ReadWriteOnce'],"
                            + "'resources':{'requests':{'storage':'1Gi'}}}}");
            town.asking("db", "800m", "'volumes':[{'name':'d','persistentVolumeClaim':{'claimName':'data'}}],");
            town.pass(60);
            assertThat(town.nodeOf("db")).isEmpty();
            assertThat(town.scheduler.attempts())
                    .as("and once more for its own claim's change")
                    .isLessThan(4);
            town.asking("thief", "800m", "");
            town.pass(60);
            assertThat(town.nodeOf("thief")).isEmpty();
            assertThat(town.scheduler.attempts()).isLessThan(6);
        }
    }

    private static String onField(String node) {
        return "'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{'nodeSelectorTerms':["
                + "{'matchFields':[{'key':'metadata.name','operator':'In','values':['" + node + "']}]}]}}},";
    }
}
