package dev.coracle.scheduler;

import static dev.coracle.scheduler.Workshop.device;
import static dev.coracle.scheduler.Workshop.devices;
import static dev.coracle.scheduler.Workshop.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What is promised to pods is written, or free again; and is never promised twice. */
class PromiseStoryTest {
    /** What goes wrong with a write. */
    private enum Fault {
        NONE,
        REFUSED,
        LOST,
        CONFLICT
    }

    private interface Moods {
        Fault next(GroupVersionResource resource, String method);
    }

    private static Client moody(Client client, Moods moods) {
        return (Client) Proxy.newProxyInstance(
                Client.class.getClassLoader(), new Class<?>[] {Client.class}, (proxy, method, args) -> {
                    boolean writes = method.getName().equals("update")
                            || method.getName().equals("post");
                    Fault fault = writes ? moods.next((GroupVersionResource) args[0], method.getName()) : Fault.NONE;
                    if (fault == Fault.REFUSED) {
                        throw new StatusException(500, "InternalError", "not now");
                    }
                    if (fault == Fault.CONFLICT) {
                        throw StatusException.modified((GroupVersionResource) args[0], "it");
                    }
                    try {
                        Object done = method.invoke(client, args);
                        if (fault == Fault.LOST) {
                            throw new StatusException(504, "Timeout", "no answer");
                        }
                        return done;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void noDeviceIsGivenTwiceThoughWritesFailAndAnswersAreLost() {
        for (long seed = 0; seed < 15; seed++) {
            var random = new Random(seed);
            Moods moods = (resource, method) -> Fault.values()[Math.max(0, random.nextInt(10) - 6)];
            try (Town town = new Town(seed, client -> moody(client, moods))) {
                town.nodes("a", "b");
                Workshop shop = new Workshop(town);
                shop.deviceClass("gpu", "");
                shop.slice("a", devices(3));
                shop.slice("b", devices(2));
                for (int i = 0; i < 12; i++) {
                    shop.podWithClaim("p" + i);
                    if (random.nextInt(3) == 0) {
                        town.pass(1);
                    }
                    if (i % 4 == 3) {
                        town.client.delete(Resources.PODS, "default", "p" + (i - 1), DeleteOptions.NOW);
                        if (random.nextBoolean()) {
                            town.pass(20);
                        }
                        shop.free("p" + (i - 1));
                    }
                    given(town);
                }
                town.pass(200);
                Set<String> all = given(town);
                long running = town.pods().stream()
                        .filter(p -> !p.string("spec", "nodeName").isEmpty())
                        .count();
                assertThat(all)
                        .as("seed %d: what is free is used in the end", seed)
                        .hasSize(5);
                assertThat(running).as("seed %d", seed).isGreaterThanOrEqualTo(3);
            }
        }
    }

    private static Set<String> given(Town town) {
        Set<String> all = new HashSet<>();
        town.client.list(Resources.RESOURCE_CLAIMS, "default", ListOptions.ALL).items().stream()
                .flatMap(c -> c.object().objects("status", "allocation", "devices", "results").stream())
                .map(r -> r.string("pool") + "/" + r.string("device"))
                .forEach(d -> assertThat(all.add(d)).as("%s is given twice", d).isTrue());
        return all;
    }

    @Test
    void whatCannotBeWrittenIsFreeForOthers() {
        Predicate<String> refuses = new HashSet<>(Set.of("first"))::contains;
        try (Town town = new Town(3, client -> refusing(client, refuses))) {
            town.nodes("a");
            Workshop shop = new Workshop(town);
            shop.deviceClass("gpu", "");
            shop.slice("a", devices(1));
            shop.podWithClaim("first");
            town.pass(1);
            assertThat(town.nodeOf("first")).isEmpty();
            shop.podWithClaim("second");
            town.pass(1);
            assertThat(town.nodeOf("second")).isEqualTo("a");
        }
    }

    @Test
    void whatNobodyCanTellStaysPromisedUntilSomebodyCan() {
        var down = new AtomicBoolean(true);
        try (Town town = new Town(3, client -> unreachable(client, down))) {
            town.nodes("a");
            Workshop shop = new Workshop(town);
            shop.deviceClass("gpu", "");
            shop.slice("a", devices(1));
            shop.podWithClaim("first");
            town.pass(5);
            shop.podWithClaim("second");
            town.pass(5);
            assertThat(town.why("first"))
                    .startsWith(
                            "0/1 nodes are available: resource claim default/first is in the process of being allocated.");
            assertThat(town.why("second")).startsWith("0/1 nodes are available: 1 cannot allocate all claims.");
            down.set(false);
            town.pass(700);
            assertThat(given(town)).hasSize(1);
            assertThat(town.spread("")).containsEntry("a", 1);
        }
    }

    /** What came of a binding. */
    private enum Binding {
        DONE,
        REFUSED,
        DONE_BUT_NOBODY_KNOWS
    }

    private static Client binding(Client client, AtomicReference<Binding> binding) {
        return (Client) Proxy.newProxyInstance(
                Client.class.getClassLoader(), new Class<?>[] {Client.class}, (proxy, method, args) -> {
                    boolean binds = method.getName().equals("post");
                    if (binds && binding.get() == Binding.REFUSED) {
                        throw new StatusException(500, "InternalError", "not now");
                    }
                    // The first look at what came of it fails as well.
                    if (method.getName().equals("get")
                            && args[0].equals(Resources.PODS)
                            && binding.compareAndSet(Binding.DONE_BUT_NOBODY_KNOWS, Binding.DONE)) {
                        throw new StatusException(504, "Timeout", "no answer");
                    }
                    try {
                        Object done = method.invoke(client, args);
                        if (binds && binding.get() == Binding.DONE_BUT_NOBODY_KNOWS) {
                            throw new StatusException(504, "Timeout", "no answer");
                        }
                        return done;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void aPodThatWasNotBoundReservesNothingAndReservesItAgainWhenItIs() {
        var binding = new AtomicReference<>(Binding.DONE);
        try (Town town = new Town(3, client -> binding(client, binding))) {
            town.nodes("a");
            Workshop shop = new Workshop(town);
            shop.deviceClass("gpu", "");
            shop.slice("a", devices(1));
            shop.claim("shared", request("gpu", ""), "");
            shop.pod("first", "shared");
            town.pass(1);
            binding.set(Binding.REFUSED);
            shop.pod("second", "shared");
            for (int i = 0; i < 20; i++) {
                town.pass(1);
                assertThat(shop.reserved("shared")).containsExactly("first");
            }
            assertThat(shop.has("shared")).hasSize(1);
            binding.set(Binding.DONE);
            town.pass(12);
            assertThat(town.nodeOf("second")).isEqualTo("a");
            assertThat(shop.reserved("shared")).containsExactly("first", "second");
        }
    }

    @Test
    void aPodThatWasBoundAfterAllKeepsItsDevice() {
        var binding = new AtomicReference<>(Binding.DONE_BUT_NOBODY_KNOWS);
        try (Town town = new Town(3, client -> binding(client, binding))) {
            town.nodes("a");
            Workshop shop = new Workshop(town);
            shop.deviceClass("gpu", "");
            shop.slice("a", devices(1));
            shop.podWithClaim("first");
            town.pass(20);
            assertThat(town.nodeOf("first")).isEqualTo("a");
            assertThat(shop.reserved("first")).containsExactly("first");
        }
    }

    @Test
    void aPodThatIsDeletedBeforeItIsBoundReservesNothing() {
        var binding = new AtomicReference<>(Binding.REFUSED);
        try (Town town = new Town(3, client -> binding(client, binding))) {
            town.nodes("a");
            Workshop shop = new Workshop(town);
            shop.deviceClass("gpu", "");
            shop.slice("a", devices(1));
            shop.podWithClaim("first");
            town.pass(1);
            town.client.delete(Resources.PODS, "default", "first", DeleteOptions.NOW);
            town.pass(20);
            assertThat(shop.reserved("first")).isEmpty();
        }
    }

    /** Neither reads nor writes claims while that is so. */
    private static Client unreachable(Client client, AtomicBoolean down) {
        return (Client) Proxy.newProxyInstance(
                Client.class.getClassLoader(), new Class<?>[] {Client.class}, (proxy, method, args) -> {
                    boolean claims = args != null && args.length > 0 && Resources.RESOURCE_CLAIMS.equals(args[0]);
                    if (claims && down.get()) {
                        throw new StatusException(503, "ServiceUnavailable", "nobody answers");
                    }
                    try {
                        return method.invoke(client, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Refuses what is written to some claims. */
    private static Client refusing(Client client, Predicate<String> names) {
        return (Client) Proxy.newProxyInstance(
                Client.class.getClassLoader(), new Class<?>[] {Client.class}, (proxy, method, args) -> {
                    if (method.getName().equals("update") && names.test(((Unstructured) args[1]).name())) {
                        throw new StatusException(403, "Forbidden", "not this one");
                    }
                    try {
                        return method.invoke(client, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void aPodIsNotBoundBeforeItsDeviceIsAttached() {
        try (Town town = new Town(3)) {
            town.nodes("a", "b");
            Workshop shop = new Workshop(town);
            shop.deviceClass("gpu", "");
            String attached =
                    ",'bindsToNode':true,'bindingConditions':['attached'],'bindingFailureConditions':['broken']";
            shop.slice("fabric", "fabric", 1, 1, "'allNodes':true", device("g0", attached));
            shop.podWithClaim("p0");
            town.pass(60);
            assertThat(shop.has("p0")).containsExactly("gpu=fabric/g0");
            assertThat(shop.claim("p0").has("status", "allocation", "nodeSelector"))
                    .isTrue();
            assertThat(town.nodeOf("p0")).isEmpty();
            shop.status("p0", conditions("attached"));
            town.pass(5);
            assertThat(town.nodeOf("p0")).isNotEmpty();
            shop.podWithClaim("p1");
            shop.free("p0");
            town.pass(5);
            assertThat(shop.has("p1")).containsExactly("gpu=fabric/g0");
            shop.status("p1", conditions("broken"));
            town.pass(1);
            assertThat(town.events("FailedScheduling"))
                    .anyMatch(e -> e.contains("deallocation of ResourceClaim completed"));
        }
    }

    private static String conditions(String type) {
        return "{'devices':[{'driver':'gpu.example','pool':'fabric','device':'g0','conditions':[{'type':'" + type
                + "','status':'True','reason':'R','message':'','lastTransitionTime':'2026-01-01T00:00:00Z'}]}]}";
    }

    @Test
    void aDeviceThatNeverIsAttachedIsGivenUp() {
        try (Town town = new Town(3)) {
            town.nodes("a");
            Workshop shop = new Workshop(town);
            shop.deviceClass("gpu", "");
            shop.slice(
                    "fabric",
                    "fabric",
                    1,
                    1,
                    "'allNodes':true",
                    device("g0", ",'bindingConditions':['attached'],'bindingFailureConditions':['broken']"));
            shop.podWithClaim("p0");
            town.pass(590);
            assertThat(shop.has("p0")).hasSize(1);
            town.pass(30);
            assertThat(town.events("FailedScheduling"))
                    .contains("p0: running PreBind plugin \"DynamicResources\": device binding timeout")
                    .anyMatch(e -> e.contains("deallocation of ResourceClaim completed"));
        }
    }

    @Test
    void partsOfOneCardAreGivenWhileThereIsEnoughOfIt() {
        try (Town town = new Town(3)) {
            town.nodes("a");
            Workshop shop = new Workshop(town);
            shop.deviceClass("gpu", "");
            String half = ",'consumesCounters':[{'counterSet':'card','counters':{'memory':{'value':'40Gi'}}}]";
            String whole = ",'consumesCounters':[{'counterSet':'card','counters':{'memory':{'value':'80Gi'}}}]";
            shop.slice(
                    "parts",
                    "pool",
                    1,
                    2,
                    "'nodeName':'a'",
                    device("h0", half),
                    device("h1", half),
                    device("w", whole));
            town.create(
                    Resources.RESOURCE_SLICES,
                    "",
                    "{'apiVersion':'resource.k8s.io/v1','kind':'ResourceSlice','metadata':{'name':'card'},'spec':{"
                            + "'driver':'gpu.example','pool':{'name':'pool','generation':1,'resourceSliceCount':2},"
                            + "'nodeName':'a','sharedCounters':[{'name':'card','counters':{'memory':{'value':'80Gi'}}}]}}");
            shop.podWithClaim("p0");
            shop.podWithClaim("p1");
            shop.podWithClaim("p2");
            town.pass(10);
            assertThat(given(town)).containsExactlyInAnyOrder("pool/h0", "pool/h1");
        }
    }

    @Test
    void aDeviceThatManyCanHaveIsGivenUntilItIsFull() {
        try (Town town = new Town(3)) {
            town.nodes("a");
            Workshop shop = new Workshop(town);
            shop.deviceClass("gpu", "");
            shop.slice(
                    "a",
                    device(
                            "nic",
                            ",'allowMultipleAllocations':true,'capacity':{'bandwidth':{'value':'10G','requestPolicy':{"
                                    + "'default':'1G','validRange':{'min':'1G','step':'1G'}}}}"));
            for (int i = 0; i < 4; i++) {
                shop.claim("p" + i, request("nic", ",'capacity':{'requests':{'bandwidth':'2500M'}}"), "");
                shop.pod("p" + i, "p" + i);
            }
            town.pass(10);
            assertThat(town.spread("p")).as("three gigabits each").containsEntry("a", 3);
            List<Unstructured> shares = town.pods().stream()
                    .flatMap(p -> shop.claim(p.name()).objects("status", "allocation", "devices", "results").stream())
                    .toList();
            assertThat(shares)
                    .hasSize(3)
                    .allMatch(r -> r.string("consumedCapacity", "bandwidth").equals("3G"));
            assertThat(shares.stream().map(r -> r.string("shareID")).distinct()).hasSize(3);
        }
    }
}
