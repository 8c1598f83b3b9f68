package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pods that claim devices wait for them. */
class DeviceStoryTest {
    private static final String DIRECT = "'resourceClaims':[{'name':'gpu','resourceClaimName':'one'}],";
    private static final String MADE = "'resourceClaims':[{'name':'gpu','resourceClaimTemplateName':'t'}],";

    private static String none(String why) {
        return "0/2 nodes are available: " + why
                + ". no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful"
                + " for scheduling.";
    }

    private static void claim(Town town, String metadata) {
        town.create(
                Resources.RESOURCE_CLAIMS,
                "default",
                "{'apiVersion':'resource.k8s.io/v1','kind':'ResourceClaim','metadata':{'name':'one'" + metadata
                        + "},'spec':{'devices':{'requests':[{'name':'gpu','exactly':{'deviceClassName':'gpu'}}]}}}");
    }

    private static void deviceClass(Town town) {
        town.create(
                Resources.DEVICE_CLASSES,
                "",
                "{'apiVersion':'resource.k8s.io/v1','kind':'DeviceClass','metadata':{'name':'gpu'},'spec':{}}");
    }

    private static void status(Town town, String status) {
        town.client.patch(
                Resources.RESOURCE_CLAIMS,
                "default",
                "one",
                Patch.merge(Town.tree("{'status':{" + status + "}}")),
                WriteOptions.STATUS);
    }

    private static String allocatedOn(String node) {
        return "'allocation':{'devices':{'results':[{'request':'gpu','driver':'d.example','pool':'p','device':'g0'}]},"
                + "'nodeSelector':{'nodeSelectorTerms':[{'matchFields':[{'key':'metadata.name','operator':'In',"
                + "'values':['" + node + "']}]}]}}";
    }

    private static String reservedFor(Town town, String pod) {
        return ",'reservedFor':[{'resource':'pods','name':'" + pod + "','uid':'"
                + town.pod(pod).uid() + "'}]";
    }

    private static List<String> reserved(Town town) {
        return town
                .client
                .get(Resources.RESOURCE_CLAIMS, "default", "one")
                .object()
                .objects("status", "reservedFor")
                .stream()
                .map(r -> r.string("name"))
                .toList();
    }

    @Test
    void aPodWaitsForItsClaimItsClassAndItsDevices() {
        try (Town town = new Town(3)) {
            town.nodes("a", "b");
            town.pod("trainer", "'app':'t'", DIRECT);
            town.pod("web", "'app':'web'", "");
            town.pass(1);
            assertThat(town.nodeOf("web")).as("others are undisturbed").isNotEmpty();
            assertThat(town.why("trainer")).isEqualTo(none("could not find ResourceClaim \"default/one\""));
            assertThat(town.events("FailedScheduling"))
                    .containsExactly("trainer: " + none("could not find ResourceClaim \"default/one\""));
            claim(town, "");
            town.pass(30);
            assertThat(town.why("trainer")).isEqualTo(none("request gpu: device class gpu does not exist"));
            deviceClass(town);
            town.pass(30);
            assertThat(town.nodeOf("trainer")).isEmpty();
            assertThat(town.why("trainer")).startsWith("0/2 nodes are available: 2 cannot allocate all claims.");
        }
    }

    @Test
    void aPodGoesToTheDevicesThatWereGivenToItElsewhere() {
        try (Town town = new Town(3)) {
            town.nodes("a", "b");
            deviceClass(town);
            claim(town, "");
            town.pod("trainer", "'app':'t'", DIRECT);
            town.pass(1);
            status(town, allocatedOn("b"));
            town.pass(30);
            assertThat(town.nodeOf("trainer")).isEqualTo("b");
            assertThat(reserved(town)).as("lest they be taken away").containsExactly("trainer");
        }
    }

    @Test
    void aPodDoesNotGoWhereItsDevicesAreNotAndAnothersAreLeftAlone() {
        try (Town town = new Town(3)) {
            town.nodes("a", "b");
            deviceClass(town);
            claim(town, "");
            town.pod("other", "'app':'t'", "'nodeSelector':{'no':'where'},");
            status(town, allocatedOn("elsewhere") + reservedFor(town, "other"));
            town.pod("trainer", "'app':'t'", DIRECT);
            town.pass(30);
            assertThat(town.why("trainer"))
                    .isEqualTo(
                            "0/2 nodes are available: 2 resourceclaim not available on the node. still not schedulable,"
                                    + " preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.");
            assertThat(reserved(town)).containsExactly("other");
        }
    }

    @Test
    void devicesThatNobodyUsesAreGivenUpForOthers() {
        try (Town town = new Town(3)) {
            town.nodes("a", "b");
            deviceClass(town);
            claim(town, "");
            town.pod("trainer", "'app':'t'", DIRECT);
            status(town, allocatedOn("elsewhere") + reservedFor(town, "trainer"));
            town.pass(30);
            assertThat(town.events("FailedScheduling"))
                    .contains(
                            "trainer: 0/2 nodes are available: 2 resourceclaim not available on the node. deallocation of"
                                    + " ResourceClaim completed, preemption: 0/2 nodes are available: 2 Preemption is not helpful"
                                    + " for scheduling.");
            assertThat(town.why("trainer"))
                    .startsWith(
                            "0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, preemption:");
        }
    }

    @Test
    void aClaimIsMadeForAPodAndNoOtherIsTaken() {
        try (Town town = new Town(3)) {
            town.nodes("a", "b");
            deviceClass(town);
            town.pod("trainer", "'app':'t'", MADE);
            town.pass(1);
            assertThat(town.why("trainer")).isEqualTo(none("pod \"default/trainer\": ResourceClaim not created yet"));
            claim(town, "");
            town.client.patch(
                    Resources.PODS,
                    "default",
                    "trainer",
                    Patch.merge(Town.tree(
                            "{'status':{'resourceClaimStatuses':[{'name':'gpu','resourceClaimName':'one'}]}}")),
                    WriteOptions.STATUS);
            town.pass(30);
            assertThat(town.why("trainer"))
                    .isEqualTo(none("ResourceClaim default/one was not created for pod default/trainer (pod is not"
                            + " owner)"));
        }
    }

    @Test
    void aPodWhoseClaimWasFoundToBeNeedlessGoesAnywhere() {
        try (Town town = new Town(3)) {
            town.nodes("a");
            town.pod("trainer", "'app':'t'", MADE);
            town.pass(1);
            town.client.patch(
                    Resources.PODS,
                    "default",
                    "trainer",
                    Patch.merge(Town.tree("{'status':{'resourceClaimStatuses':[{'name':'gpu'}]}}")),
                    WriteOptions.STATUS);
            town.pass(30);
            assertThat(town.nodeOf("trainer")).isEqualTo("a");
        }
    }
}
