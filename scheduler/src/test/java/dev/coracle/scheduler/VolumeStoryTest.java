package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import org.junit.jupiter.api.Test;

/** Pods whose volumes leave them fewer nodes. */
class VolumeStoryTest {
    private static final String ALONE =
            "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode";

    @Test
    void aClaimForOnePodHasOnePodInTheWholeCluster() {
        try (Town town = new Town(3)) {
            town.nodes("a", "b");
            bound(town, "data", "ReadWriteOncePod", "", "'hostPath':{'path':'/data'}");
            town.pod("first", "'app':'db'", claim("data"));
            town.pass(1);
            assertThat(town.nodeOf("first")).isNotEmpty();
            town.pod("second", "'app':'db'", claim("data"));
            town.pass(1);
            assertThat(town.why("second"))
                    .isEqualTo("0/2 nodes are available: 2 " + ALONE + ". preemption: 0/2 nodes are available:"
                            + " 2 No preemption victims found for incoming pod.");
            town.client.delete(Resources.PODS, "default", "first", DeleteOptions.NOW);
            town.pass(1);
            assertThat(town.nodeOf("second")).isNotEmpty();
        }
    }

    @Test
    void aMoreImportantPodTakesTheClaimOverWhereItIs() {
        try (Town town = new Town(3)) {
            town.nodes("a", "b");
            town.create(
                    Resources.PRIORITY_CLASSES,
                    "",
                    "{'apiVersion':'scheduling.k8s.io/v1','kind':'PriorityClass','metadata':{'name':'high'},"
                            + "'value':1000}");
            bound(town, "data", "ReadWriteOncePod", "", "'hostPath':{'path':'/data'}");
            town.pod("low", "'app':'db'", claim("data") + "'terminationGracePeriodSeconds':0,");
            town.pass(1);
            String node = town.nodeOf("low");
            town.pod("bystander", "'app':'web'", "'nodeName':'" + node + "',");
            town.pod("high", "'app':'db'", claim("data") + "'priorityClassName':'high',");
            town.pass(5);
            assertThat(town.exists("low")).isFalse();
            assertThat(town.exists("bystander")).isTrue();
            assertThat(town.nodeOf("high")).isEqualTo(node);
        }
    }

    @Test
    void aDiskHasOneWriterPerNodeAndManyReaders() {
        String disk = "'gcePersistentDisk':{'pdName':'d','readOnly':%s}";
        assertThat(together(disk.formatted(true), disk.formatted(true))).isTrue();
        assertThat(together(disk.formatted(true), disk.formatted(false))).isFalse();
        assertThat(together(
                        "'awsElasticBlockStore':{'volumeID':'v','readOnly':true}",
                        "'awsElasticBlockStore':{'volumeID':'v','readOnly':true}"))
                .as("EBS has no readers beside each other")
                .isFalse();
        String iscsi = "'iscsi':{'targetPortal':'10.0.0.1','iqn':'iqn.2001-04.com.example:%s','lun':0}";
        assertThat(together(iscsi.formatted("a"), iscsi.formatted("a"))).isFalse();
        assertThat(together(iscsi.formatted("a"), iscsi.formatted("b"))).isTrue();
        String rbd = "'rbd':{'monitors':['%s','m2'],'image':'%s'}";
        assertThat(together(rbd.formatted("m1", "i"), rbd.formatted("m3", "i"))).isFalse();
        assertThat(together(rbd.formatted("m1", "i"), rbd.formatted("m1", "j"))).isTrue();
    }

    private static boolean together(String one, String other) {
        try (Town town = new Town(3)) {
            town.nodes("a");
            town.pod("one", "'app':'p'", "'volumes':[{'name':'v'," + one + "}],");
            town.pass(1);
            town.pod("other", "'app':'p'", "'volumes':[{'name':'v'," + other + "}],");
            town.pass(1);
            boolean fits = !town.nodeOf("other").isEmpty();
            if (!fits) {
                assertThat(town.why("other")).startsWith("0/1 nodes are available: 1 node(s) had no available disk.");
                town.client.delete(Resources.PODS, "default", "one", DeleteOptions.NOW);
                town.pass(1);
                assertThat(town.nodeOf("other")).isEqualTo("a");
            }
            return fits;
        }
    }

    @Test
    void aVolumeKeepsItsPodInItsZones() {
        try (Town town = new Town(3)) {
            town.node("a", "west", "8", "");
            bound(
                    town,
                    "data",
                    "ReadWriteOnce",
                    "'topology.kubernetes.io/zone':'east__north'",
                    "'hostPath':{'path':'/data'}");
            town.pod("db", "'app':'db'", claim("data"));
            town.pass(1);
            assertThat(town.why("db")).startsWith("0/1 nodes are available: 1 node(s) had no available volume zone.");
            town.node("b", "north", "8", "");
            town.pass(1);
            assertThat(town.nodeOf("db")).isEqualTo("b");
        }
    }

    @Test
    void aNodeTakesAsManyVolumesAsItsDriverCanAttach() {
        try (Town town = new Town(3)) {
            town.nodes("a");
            limit(town, 2);
            for (int i = 0; i < 3; i++) {
                bound(
                        town,
                        "d" + i,
                        "ReadWriteMany",
                        "",
                        "'csi':{'driver':'csi.example.com','volumeHandle':'h" + i + "'}");
            }
            town.pod("one", "'app':'p'", claim("d0"));
            town.pod("two", "'app':'p'", claim("d1"));
            town.pass(1);
            town.pod("same", "'app':'p'", claim("d1"));
            town.pass(1);
            assertThat(town.nodeOf("same")).as("a volume counts once").isEqualTo("a");
            town.pod("three", "'app':'p'", claim("d2"));
            town.pass(1);
            assertThat(town.why("three")).startsWith("0/1 nodes are available: 1 node(s) exceed max volume count.");
            town.client.patch(Resources.CSI_NODES, "", "a", Patch.merge(Town.tree(drivers(3))), WriteOptions.DEFAULT);
            town.pass(1);
            assertThat(town.nodeOf("three")).isEqualTo("a");
        }
    }

    @Test
    void aVolumeThatIsAttachedForNobodyCountsToo() {
        try (Town town = new Town(3)) {
            town.nodes("a");
            limit(town, 1);
            bound(town, "d0", "ReadWriteMany", "", "'csi':{'driver':'csi.example.com','volumeHandle':'h0'}");
            bound(town, "d1", "ReadWriteMany", "", "'csi':{'driver':'csi.example.com','volumeHandle':'h1'}");
            town.create(
                    Resources.VOLUME_ATTACHMENTS,
                    "",
                    "{'apiVersion':'storage.k8s.io/v1','kind':'VolumeAttachment','metadata':{'name':'left'},'spec':"
                            + "{'attacher':'csi.example.com','nodeName':'a','source':{'persistentVolumeName':'pv-d0'}}}");
            town.pod("p", "'app':'p'", claim("d1"));
            town.pass(1);
            assertThat(town.why("p")).contains("node(s) exceed max volume count");
            town.client.delete(Resources.VOLUME_ATTACHMENTS, "", "left", DeleteOptions.NOW);
            town.pass(1);
            assertThat(town.nodeOf("p")).isEqualTo("a");
        }
    }

    private static void limit(Town town, int volumes) {
        town.create(
                Resources.CSI_NODES,
                "",
                "{'apiVersion':'storage.k8s.io/v1','kind':'CSINode','metadata':{'name':'a'},"
                        + drivers(volumes).substring(1));
    }

    private static String drivers(int volumes) {
        return "{'spec':{'drivers':[{'name':'csi.example.com','nodeID':'a','allocatable':{'count':" + volumes + "}}]}}";
    }

    private static String claim(String name) {
        return "'volumes':[{'name':'v','persistentVolumeClaim':{'claimName':'" + name + "'}}],";
    }

    private static void bound(Town town, String name, String mode, String labels, String source) {
        town.create(
                Resources.PERSISTENT_VOLUMES,
                "",
                "{'apiVersion':'v1','kind':'PersistentVolume','metadata':{'name':'pv-" + name + "','labels':{" + labels
                        + "}},'spec':{'capacity':{'storage':'1Gi'},'accessModes':['" + mode + "']," + source + "}}");
        town.create(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'" + name + "'},'spec':{"
                        + "'volumeName':'pv-" + name + "','accessModes':['" + mode + "'],"
                        + "'resources':{'requests':{'storage':'1Gi'}}}}");
    }
}
