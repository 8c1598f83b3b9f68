package dev.coracle.scheduler;

import static dev.coracle.scheduler.Workshop.cel;
import static dev.coracle.scheduler.Workshop.device;
import static dev.coracle.scheduler.Workshop.devices;
import static dev.coracle.scheduler.Workshop.model;
import static dev.coracle.scheduler.Workshop.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Pods that claim devices get some. */
class AllocationStoryTest {
    private static final String NONE = "0/2 nodes are available: 2 cannot allocate all claims. still not schedulable,"
            + " preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.";

    private static void story(BiConsumer<Town, Workshop> told) {
        try (Town town = new Town(3)) {
            town.nodes("a", "b");
            Workshop shop = new Workshop(town);
            shop.deviceClass("gpu", cel("device.driver == 'gpu.example'"));
            told.accept(town, shop);
        }
    }

    @Test
    void aPodGetsADeviceThroughTheClaimThatIsMadeForIt() {
        story((town, shop) -> {
            shop.slice("b", devices(1));
            town.pod("trainer", "'app':'t'", "'resourceClaims':[{'name':'gpu','resourceClaimTemplateName':'t'}],");
            town.pass(1);
            assertThat(town.nodeOf("trainer")).isEmpty();
            shop.make("trainer", "trainer-gpu");
            town.pass(10);
            assertThat(town.nodeOf("trainer")).isEqualTo("b");
            Unstructured claim = shop.claim("trainer-gpu");
            assertThat(claim.finalizers()).containsExactly("resource.kubernetes.io/delete-protection");
            assertThat(claim.object("status", "allocation", "devices"))
                    .isEqualTo(Town.tree(
                            "{'results':[{'request':'gpu','driver':'gpu.example','pool':'b','device':'g0'}]}"));
            assertThat(claim.object("status", "allocation", "nodeSelector"))
                    .isEqualTo(
                            Town.tree(
                                    "{'nodeSelectorTerms':[{'matchFields':[{'key':'metadata.name','operator':'In','values':['b']}]}]}"));
            assertThat(claim.string("status", "allocation", "allocationTimestamp"))
                    .isNotEmpty();
            assertThat(claim.objects("status", "reservedFor"))
                    .containsExactly(Town.tree("{'resource':'pods','name':'trainer','uid':'"
                            + town.pod("trainer").uid() + "'}"));
        });
    }

    @Test
    void twoPodsShareOneClaimWhereItsDeviceIs() {
        story((town, shop) -> {
            shop.slice("a", devices(1));
            shop.slice("b", devices(1));
            shop.claim("one", request("gpu", ""), "");
            shop.pod("first", "one");
            shop.pod("second", "one");
            town.pass(10);
            assertThat(town.nodeOf("first")).isNotEmpty().isEqualTo(town.nodeOf("second"));
            assertThat(shop.reserved("one")).containsExactlyInAnyOrder("first", "second");
        });
    }

    @Test
    void tenPodsForNineDevices() {
        story((town, shop) -> {
            shop.slice("a", devices(4));
            shop.slice("b", devices(5));
            for (int i = 0; i < 10; i++) {
                shop.podWithClaim("p" + i);
            }
            town.pass(30);
            assertThat(town.spread("p"))
                    .containsEntry("a", 4)
                    .containsEntry("b", 5)
                    .containsEntry("", 1);
            assertThat(everyDevice(shop)).hasSize(9);
            String waiting = town.pods().stream()
                    .filter(p -> p.string("spec", "nodeName").isEmpty())
                    .findFirst()
                    .orElseThrow()
                    .name();
            assertThat(town.why(waiting)).isEqualTo(NONE);
            String lucky = waiting.equals("p0") ? "p1" : "p0";
            String node = town.nodeOf(lucky);
            shop.free(lucky);
            town.pass(10);
            assertThat(town.nodeOf(waiting)).isEqualTo(node);
            assertThat(everyDevice(shop)).hasSize(9);
        });
    }

    /** Of all claims; fails where one has what another has. */
    private static Set<String> everyDevice(Workshop shop) {
        Set<String> all = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            for (String device : shop.has("p" + i)) {
                assertThat(all.add(device)).as("%s is given twice", device).isTrue();
            }
        }
        return all;
    }

    @Test
    void noDeviceIsGivenTwiceWhoeverDecides() {
        try (Town town = Town.configured("""
                profiles:
                - schedulerName: default-scheduler
                - schedulerName: other
                """)) {
            town.nodes("a");
            Workshop shop = new Workshop(town);
            shop.deviceClass("gpu", "");
            shop.slice("a", devices(6));
            for (int i = 0; i < 10; i++) {
                shop.claim("p" + i, request("gpu", ""), "");
                shop.pod("p" + i, "p" + i, i % 2 == 0 ? "" : "'schedulerName':'other',");
            }
            town.pass(30);
            assertThat(town.spread("p")).containsEntry("a", 6).containsEntry("", 4);
            assertThat(everyDevice(shop)).hasSize(6);
        }
    }

    @Test
    void newDevicesAndNewClassesWakeThePod() {
        story((town, shop) -> {
            shop.claim("one", "{'name':'gpu','exactly':{'deviceClassName':'late'}}", "");
            shop.pod("trainer", "one");
            town.pass(1);
            assertThat(town.why("trainer")).contains("request gpu: device class late does not exist");
            shop.deviceClass("late", "");
            town.pass(10);
            assertThat(town.why("trainer")).isEqualTo(NONE);
            shop.slice("a", devices(1));
            town.pass(10);
            assertThat(town.nodeOf("trainer")).isEqualTo("a");
        });
    }

    @Test
    void aSelectorChoosesByAttributeAndCapacity() {
        story((town, shop) -> {
            shop.slice(
                    "a",
                    device("small", model("a100") + ",'capacity':{'memory':{'value':'40Gi'}}"),
                    device("old", model("k80") + ",'capacity':{'memory':{'value':'80Gi'}}"));
            shop.slice("b", device("large", model("a100") + ",'capacity':{'memory':{'value':'80Gi'}}"));
            shop.claim(
                    "one",
                    request(
                            "gpu",
                            ","
                                    + cel(
                                            "device.attributes['gpu.example'].model == 'a100' &&"
                                                    + " device.capacity['gpu.example'].memory.isGreaterThan(quantity('40Gi'))")),
                    "");
            shop.pod("trainer", "one");
            town.pass(10);
            assertThat(shop.has("one")).containsExactly("gpu=b/large");
            assertThat(town.nodeOf("trainer")).isEqualTo("b");
        });
    }

    @Test
    void aBrokenSelectorIsToldAndDisturbsNobody() {
        story((town, shop) -> {
            shop.slice("a", devices(2));
            shop.claim("broken", request("gpu", "," + cel("device.attributes['gpu.example'].price == 1")), "");
            shop.pod("broken", "broken");
            town.pass(20);
            String why = "running \"DynamicResources\" filter plugin: claim default/broken: selector #0 on device"
                    + " gpu.example/a/g0: CEL runtime error: no such key: price. Consider using CEL optional chaining (?),"
                    + " has() macro, or orValue() for optional fields";
            assertThat(town.why("broken")).isEqualTo(why);
            assertThat(town.events("FailedScheduling")).containsExactly("broken: " + why);
            shop.podWithClaim("p0");
            town.pass(1);
            assertThat(town.nodeOf("p0")).isEqualTo("a");
        });
    }

    @Test
    void theFirstAlternativeThatCanBeHadIsTaken() {
        story((town, shop) -> {
            shop.slice("a", device("g0", model("a100")), device("g1", model("t4")), device("g2", model("t4")));
            String either = "{'name':'gpu','firstAvailable':["
                    + "{'name':'big','deviceClassName':'gpu'," + cel("device.attributes['gpu.example'].model == 'a100'")
                    + "},{'name':'small','deviceClassName':'gpu','count':2,"
                    + cel("device.attributes['gpu.example'].model == 't4'") + "}]}";
            String config =
                    ",'config':[{'requests':['gpu/small'],'opaque':{'driver':'gpu.example','parameters':{'x':1}}}]";
            shop.claim("first", either, config);
            shop.claim("second", either, config);
            shop.pod("first", "first");
            town.pass(5);
            shop.pod("second", "second");
            town.pass(5);
            assertThat(shop.has("first")).containsExactly("gpu/big=a/g0");
            assertThat(shop.claim("first")
                            .object("status", "allocation", "devices")
                            .has("config"))
                    .as("what is told of another alternative")
                    .isFalse();
            assertThat(shop.has("second")).containsExactly("gpu/small=a/g1", "gpu/small=a/g2");
            assertThat(shop.claim("second").objects("status", "allocation", "devices", "config"))
                    .containsExactly(
                            Town.tree("{'source':'FromClaim','opaque':{'driver':'gpu.example','parameters':{'x':1}}}"));
        });
    }

    @Test
    void aTaintedDeviceIsAvoidedUnlessTolerated() {
        story((town, shop) -> {
            String sick = ",'taints':[{'key':'sick','value':'hot','effect':'NoSchedule'}]";
            shop.slice("a", device("g0", sick), device("g1", ",'taints':[{'key':'seen','effect':'None'}]"));
            shop.podWithClaim("p0");
            town.pass(5);
            shop.podWithClaim("p1");
            town.pass(5);
            assertThat(shop.has("p0")).containsExactly("gpu=a/g1");
            assertThat(town.why("p1")).isEqualTo(NONE);
            shop.claim("brave", request("gpu", ",'tolerations':[{'key':'sick','operator':'Exists'}]"), "");
            shop.pod("brave", "brave");
            town.pass(5);
            assertThat(shop.has("brave")).containsExactly("gpu=a/g0");
            assertThat(shop.claim("brave").objects("status", "allocation", "devices", "results"))
                    .allMatch(r -> r.objects("tolerations").size() == 1);
        });
    }

    @Test
    void devicesThatBelongTogetherAreFoundTogether() {
        story((town, shop) -> {
            shop.slice(
                    "a",
                    device("g0", model("x")),
                    device("g1", model("y")),
                    device("g2", model("z")),
                    device("g3", model("y")));
            shop.claim("pair", request("gpu", ",'count':2"), ",'constraints':[{'matchAttribute':'gpu.example/model'}]");
            shop.pod("pair", "pair");
            town.pass(5);
            assertThat(shop.has("pair")).containsExactly("gpu=a/g1", "gpu=a/g3");
            shop.claim(
                    "mixed",
                    request("gpu", ",'count':2"),
                    ",'constraints':[{'distinctAttribute':'gpu.example/model'}]");
            shop.pod("mixed", "mixed");
            town.pass(5);
            assertThat(shop.has("mixed")).containsExactly("gpu=a/g0", "gpu=a/g2");
        });
    }

    @Test
    void allDevicesOfANodeAndALookAtThoseOfOthers() {
        story((town, shop) -> {
            shop.slice("a", devices(3));
            shop.slice("b", devices(1));
            shop.claim("all", request("gpu", ",'allocationMode':'All'"), "");
            shop.pod("all", "all", "'nodeSelector':{'kubernetes.io/hostname':'a'},");
            town.pass(5);
            assertThat(shop.has("all")).containsExactly("gpu=a/g0", "gpu=a/g1", "gpu=a/g2");
            town.client.patch(
                    Resources.NAMESPACES,
                    "",
                    "default",
                    Patch.merge(Town.tree("{'metadata':{'labels':{'resource.kubernetes.io/admin-access':'true'}}}")),
                    WriteOptions.DEFAULT);
            shop.claim("watch", request("gpu", ",'allocationMode':'All','adminAccess':true"), "");
            shop.pod("watch", "watch", "'nodeSelector':{'kubernetes.io/hostname':'a'},");
            town.pass(5);
            assertThat(shop.has("watch")).hasSize(3);
            assertThat(shop.claim("watch").objects("status", "allocation", "devices", "results"))
                    .allMatch(r -> r.bool("adminAccess"));
            shop.free("all");
            shop.podWithClaim("p0");
            town.pass(5);
            assertThat(town.nodeOf("p0")).as("a look takes nothing").isNotEmpty();
        });
    }

    @Test
    void aPoolThatIsBeingReplacedGivesNothing() {
        story((town, shop) -> {
            shop.slice("old", "pool", 1, 1, "'allNodes':true", devices(1));
            shop.slice("new", "pool", 2, 2, "'allNodes':true", device("n0", ""));
            shop.podWithClaim("p0");
            town.pass(5);
            assertThat(town.why("p0")).isEqualTo(NONE);
            shop.slice("newer", "pool", 2, 2, "'allNodes':true", device("n1", ""));
            town.pass(10);
            assertThat(shop.has("p0")).containsExactly("gpu=pool/n0");
            assertThat(shop.claim("p0").has("status", "allocation", "nodeSelector"))
                    .as("devices of all nodes tie to none")
                    .isFalse();
            shop.slice("twice", "bad", 1, 2, "'allNodes':true", device("b0", ""));
            shop.slice("again", "bad", 1, 2, "'allNodes':true", device("b0", ""));
            shop.podWithClaim("p1");
            shop.podWithClaim("p2");
            town.pass(10);
            assertThat(List.of(town.why("p1"), town.why("p2")))
                    .anyMatch(w -> w.startsWith("0/2 nodes are available: 2 invalid resource pools were encountered."));
        });
    }

    @Test
    void aSlicesSelectorTiesTheClaimToItsNodes() {
        story((town, shop) -> {
            shop.slice(
                    "rack",
                    "rack",
                    1,
                    1,
                    "'nodeSelector':{'nodeSelectorTerms':[{'matchExpressions':[{'key':'kubernetes.io/hostname',"
                            + "'operator':'In','values':['b']}]}]}",
                    devices(1));
            shop.podWithClaim("p0");
            town.pass(5);
            assertThat(town.nodeOf("p0")).isEqualTo("b");
            assertThat(shop.claim("p0").objects("status", "allocation", "nodeSelector", "nodeSelectorTerms"))
                    .containsExactly(Town.tree("{'matchExpressions':[{'key':'kubernetes.io/hostname','operator':'In',"
                            + "'values':['b']}]}"));
        });
    }

    @Test
    void whatClassesAndClaimsTellDriversIsCopied() {
        story((town, shop) -> {
            shop.deviceClass("told", "'config':[{'opaque':{'driver':'gpu.example','parameters':{'from':'class'}}}]");
            shop.slice("a", devices(2));
            shop.claim(
                    "one",
                    "{'name':'x','exactly':{'deviceClassName':'told'}}," + request("y", ""),
                    ",'config':[{'requests':['y'],'opaque':{'driver':'gpu.example','parameters':{'from':'claim'}}}]");
            shop.pod("p0", "one");
            town.pass(5);
            assertThat(shop.claim("one").objects("status", "allocation", "devices", "config"))
                    .containsExactly(
                            Town.tree("{'source':'FromClass','requests':['x'],'opaque':{'driver':'gpu.example',"
                                    + "'parameters':{'from':'class'}}}"),
                            Town.tree("{'source':'FromClaim','requests':['y'],'opaque':{'driver':'gpu.example',"
                                    + "'parameters':{'from':'claim'}}}"));
        });
    }
}
