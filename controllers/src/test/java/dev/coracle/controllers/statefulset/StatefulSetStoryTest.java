package dev.coracle.controllers.statefulset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.Calls;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.Kubelet;
import dev.coracle.controllers.World;
import dev.coracle.controllers.garbage.GarbageCollector;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** StatefulSets start, stop and change in order, and keep what is theirs. */
class StatefulSetStoryTest {
    private static final String CLAIMS = "'volumeClaimTemplates':[{'metadata':{'name':'www'},'spec':{"
            + "'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}}}],";

    private World world;
    private Kubelet kubelet;

    /** Which pods were made and deleted, in order: {@code +web-0}, {@code -web-0}. */
    private final List<String> journal = new ArrayList<>();

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(c -> new StatefulSetController(
                new ControllerContext(
                        Calls.refusing(
                                c.client(),
                                (method, arguments) -> refused.test(method, arguments),
                                () -> StatusException.forbidden(Resources.PODS, "web-0", "exceeded quota")),
                        c.informers(),
                        c.environment(),
                        c.config()),
                world.recorder()));
        world.run(GarbageCollector::new);
        kubelet = world.kubelet();
        world.context().informers().of(Resources.PODS).handle((before, after) -> {
            if (before == null && after != null) {
                journal.add("+" + after.name());
            } else if (after != null && after.isDeleting() && before != null && !before.isDeleting()) {
                journal.add("-" + after.name());
            } else if (after == null && before != null && !before.isDeleting()) {
                journal.add("-" + before.name());
            }
        });
        world.start();
    }

    private volatile java.util.function.BiPredicate<String, Object[]> refused = (method, arguments) -> false;

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void podsHaveTheirNamesLabelsAndClaims() {
        set(2, CLAIMS + "'serviceName':'web',");
        world.settle();
        assertThat(journal).containsExactly("+web-0", "+web-1");
        Unstructured pod = world.get(Resources.PODS, "web-1");
        String revision = set().string("status", "updateRevision");
        assertThat(pod.labels())
                .containsEntry("app", "web")
                .containsEntry("statefulset.kubernetes.io/pod-name", "web-1")
                .containsEntry("apps.kubernetes.io/pod-index", "1")
                .containsEntry("controller-revision-hash", revision);
        assertThat(pod.string("metadata", "generateName")).isEmpty();
        assertThat(pod.string("spec", "hostname")).isEqualTo("web-1");
        assertThat(pod.string("spec", "subdomain")).isEqualTo("web");
        assertThat(pod.objects("spec", "volumes"))
                .as("the claim's in place of the template's of that name, and the other")
                .anySatisfy(v -> assertThat(v.string("persistentVolumeClaim", "claimName"))
                        .isEqualTo("www-web-1"))
                .anySatisfy(v -> assertThat(v.string("name")).isEqualTo("tmp"))
                .filteredOn(v -> v.string("name").equals("www"))
                .hasSize(1);
        Unstructured claim = world.get(Resources.PERSISTENT_VOLUME_CLAIMS, "www-web-1");
        assertThat(claim.labels()).containsEntry("app", "web");
        assertThat(claim.ownerReferences()).isEmpty();
        assertThat(world.events("SuccessfulCreate"))
                .containsExactly(
                        "create Claim www-web-0 Pod web-0 in StatefulSet web success",
                        "create Pod web-0 in StatefulSet web successful",
                        "create Claim www-web-1 Pod web-1 in StatefulSet web success",
                        "create Pod web-1 in StatefulSet web successful");
        Unstructured status = set().object("status");
        assertThat(status.integer(0, "replicas")).isEqualTo(2);
        assertThat(status.integer(0, "readyReplicas")).isEqualTo(2);
        assertThat(status.integer(0, "availableReplicas")).isEqualTo(2);
        assertThat(status.integer(0, "currentReplicas")).isEqualTo(2);
        assertThat(status.integer(0, "updatedReplicas")).isEqualTo(2);
        assertThat(status.string("currentRevision")).isEqualTo(revision).startsWith("web-");
        assertThat(status.integer(-1, "collisionCount")).isZero();
        assertThat(status.integer(0, "observedGeneration")).isEqualTo(set().generation());
    }

    @Test
    void theNextPodWaitsUntilItsPredecessorIsAvailable() {
        kubelet.healthy(p -> !p.name().equals("web-1"));
        set(3, "");
        world.settle();
        assertThat(pods()).containsExactly("web-0", "web-1");
        assertThat(set().integer(0, "status", "readyReplicas")).isEqualTo(1);
        kubelet.healthy(p -> true);
        touch("web-1");
        world.settle();
        assertThat(pods()).containsExactly("web-0", "web-1", "web-2");
    }

    @Test
    void availableIsWhatWasReadyForMinReadySeconds() {
        set(2, "'minReadySeconds':30,");
        world.settle();
        assertThat(pods()).containsExactly("web-0");
        assertThat(set().integer(0, "status", "readyReplicas")).isEqualTo(1);
        assertThat(set().integer(-1, "status", "availableReplicas")).isZero();
        world.advance(Duration.ofSeconds(31));
        assertThat(pods()).containsExactly("web-0", "web-1");
        world.advance(Duration.ofSeconds(31));
        assertThat(set().integer(0, "status", "availableReplicas")).isEqualTo(2);
    }

    @Test
    void inParallelAllStartAndStopAtOnce() {
        kubelet.healthy(p -> !p.name().equals("web-0"));
        set(3, "'podManagementPolicy':'Parallel',");
        world.settle();
        assertThat(pods()).containsExactly("web-0", "web-1", "web-2");
        kubelet.shutdown(Duration.ofSeconds(20));
        scale(1);
        world.settle();
        assertThat(world.pods().stream().filter(Unstructured::isDeleting)).hasSize(2);
    }

    @Test
    void scalingDownGoesBackwardsOneByOneAndEachIsGoneBeforeTheNextGoes() {
        set(3, "");
        world.settle();
        journal.clear();
        kubelet.shutdown(Duration.ofSeconds(10));
        scale(1);
        for (int i = 0; i < 30; i++) {
            assertThat(world.pods().stream().filter(Unstructured::isDeleting)).hasSizeLessThanOrEqualTo(1);
            world.advance(Duration.ofSeconds(1));
        }
        assertThat(journal).containsExactly("-web-2", "-web-1");
        assertThat(pods()).containsExactly("web-0");
        assertThat(world.events("SuccessfulDelete"))
                .containsExactly(
                        "delete Pod web-2 in StatefulSet web successful",
                        "delete Pod web-1 in StatefulSet web successful");
    }

    @Test
    void scalingDownWaitsForOneThatDoesBadly() {
        set(3, "");
        world.settle();
        unready("web-0");
        scale(1);
        world.advance(Duration.ofMinutes(1));
        assertThat(pods()).containsExactly("web-0", "web-1", "web-2");
        readyAgain("web-0");
        world.settle();
        assertThat(pods()).containsExactly("web-0");
    }

    @Test
    void aRollingUpdateGoesBackwardsAndOnePodIsOutAtMost() {
        set(3, "");
        world.settle();
        String before = set().string("status", "currentRevision");
        journal.clear();
        kubelet.shutdown(Duration.ofSeconds(5));
        image("v2");
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            world.step(Duration.ofMillis(500));
            assertThat(world.pods().stream().filter(p -> !p.isDeleting() && ready(p)))
                    .hasSizeGreaterThanOrEqualTo(2);
            assertThat(world.pods().stream().map(Unstructured::name)).doesNotHaveDuplicates();
            seen.add(set().string("status", "currentRevision"));
        }
        assertThat(journal).containsExactly("-web-2", "+web-2", "-web-1", "+web-1", "-web-0", "+web-0");
        assertThat(world.pods()).allMatch(p -> image(p).equals("app:v2"));
        assertThat(seen).as("the current one changes at the end").contains(before);
        assertThat(set().string("status", "currentRevision"))
                .isEqualTo(set().string("status", "updateRevision"))
                .isNotEqualTo(before);
    }

    @Test
    void thePartitionIsACanaryAndWhatIsBelowItComesBackOld() {
        set(3, "'updateStrategy':{'type':'RollingUpdate','rollingUpdate':{'partition':2}},");
        world.settle();
        image("v2");
        world.settle();
        assertThat(images()).containsExactly("app:v1", "app:v1", "app:v2");
        Unstructured status = set().object("status");
        assertThat(status.integer(0, "currentReplicas")).isEqualTo(2);
        assertThat(status.integer(0, "updatedReplicas")).isEqualTo(1);
        assertThat(status.string("currentRevision")).isNotEqualTo(status.string("updateRevision"));
        world.delete(Resources.PODS, "default", "web-0", "");
        world.settle();
        assertThat(images()).containsExactly("app:v1", "app:v1", "app:v2");
        world.patch(
                Resources.STATEFUL_SETS,
                "default",
                "web",
                "{'spec':{'updateStrategy':{'rollingUpdate':{'partition':0}}}}");
        world.settle();
        assertThat(images()).containsOnly("app:v2");
    }

    @Test
    void aStuckUpdateTouchesNoOtherPodAndNeedsAHandAlsoBack() {
        set(3, "");
        world.settle();
        kubelet.healthy(p -> !image(p.object()).equals("app:broken"));
        image("broken");
        world.advance(Duration.ofMinutes(5));
        assertThat(images()).containsExactly("app:v1", "app:v1", "app:broken");
        assertThat(set().integer(0, "status", "readyReplicas")).isEqualTo(2);
        image("v1");
        world.advance(Duration.ofMinutes(5));
        assertThat(images()).as("as with Kubernetes").containsExactly("app:v1", "app:v1", "app:broken");
        world.delete(Resources.PODS, "default", "web-2", "");
        world.settle();
        assertThat(images()).containsOnly("app:v1");
        assertThat(revisions().stream().map(r -> r.integer(0, "revision")))
                .as("the first template came back as the newest")
                .containsExactly(2L, 3L);
    }

    @Test
    void onDeleteLeavesItToTheUser() {
        set(2, "'updateStrategy':{'type':'OnDelete'},");
        world.settle();
        image("v2");
        world.settle();
        assertThat(images()).containsExactly("app:v1", "app:v1");
        world.delete(Resources.PODS, "default", "web-0", "");
        world.settle();
        assertThat(images()).containsExactly("app:v2", "app:v1");
    }

    @Test
    void revisionsAreKeptToTheLimitAndTellOfTheChange() {
        set(1, "'revisionHistoryLimit':1,");
        world.settle();
        for (int v = 2; v <= 4; v++) {
            world.patch(
                    Resources.STATEFUL_SETS,
                    "default",
                    "web",
                    "{'metadata':{'annotations':{'kubernetes.io/change-cause':'to v" + v + "'}}}");
            image("v" + v);
            world.settle();
        }
        assertThat(revisions().stream().map(r -> r.integer(0, "revision"))).containsExactly(3L, 4L);
        assertThat(revisions().getLast().annotations()).containsEntry("kubernetes.io/change-cause", "to v4");
    }

    @Test
    void aPodThatEndedIsReplaced() {
        kubelet.healthy(p -> p.object().string("status", "phase").equals("Pending"));
        set(1, "");
        world.settle();
        for (String phase : List.of("Failed", "Succeeded")) {
            String uid = world.get(Resources.PODS, "web-0").uid();
            world.patchStatus(Resources.PODS, "default", "web-0", "{'status':{'phase':'" + phase + "'}}");
            world.settle();
            assertThat(world.get(Resources.PODS, "web-0").uid()).isNotEqualTo(uid);
        }
    }

    @Test
    void aPodThatItsNodeRefusesIsReplacedEachTimeLater() {
        for (String policy : List.of("OrderedReady", "Parallel")) {
            journal.clear();
            kubelet.healthy(p -> false);
            set(1, "'podManagementPolicy':'" + policy + "',");
            for (int i = 0; i < 600; i++) {
                world.pods().stream()
                        .filter(p -> !p.string("status", "phase").equals("Failed"))
                        .forEach(p -> world.patchStatus(
                                Resources.PODS, "default", p.name(), "{'status':{'phase':'Failed'}}"));
                world.advance(Duration.ofMillis(100));
            }
            assertThat(journal.stream().filter("+web-0"::equals).count())
                    .as("in a minute: at once, and after 1, 2, 4, 8, 16 seconds")
                    .isBetween(6L, 8L);

            world.patch(
                    Resources.STATEFUL_SETS,
                    "default",
                    "web",
                    "{'spec':{'template':{'spec':{'terminationGracePeriodSeconds':5}}}}");
            int before = journal.size();
            world.advance(Duration.ofSeconds(2));
            assertThat(journal.subList(before, journal.size()))
                    .as("who changes the set need not wait")
                    .startsWith("-web-0", "+web-0");
            world.delete(Resources.STATEFUL_SETS, "default", "web", "Background");
            world.advance(Duration.ofMinutes(1));
        }
    }

    @Test
    void aPodOnALostNodeIsNotReplacedUntilItIsGone() {
        set(2, "");
        world.settle();
        kubelet.stop("node-1");
        world.delete(Resources.PODS, "default", "web-0", "");
        world.advance(Duration.ofMinutes(30));
        assertThat(world.get(Resources.PODS, "web-0").isDeleting()).isTrue();
        assertThat(journal).containsExactly("+web-0", "+web-1", "-web-0");
    }

    @Test
    void onlyOrphansOfTheRightNameAreAdopted() {
        for (String name : List.of("web-0", "web-00", "web-x", "other-1", "web-1-0")) {
            world.create(
                    Resources.PODS,
                    "default",
                    "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'" + name + "','labels':{'app':'web'}},"
                            + "'spec':{'containers':[{'name':'c','image':'app:v1'}]}}");
        }
        set(1, "");
        world.settle();
        assertThat(world.pods().stream()
                        .filter(p -> p.controllerOf().isPresent())
                        .map(Unstructured::name))
                .containsExactly("web-0");
        assertThat(world.get(Resources.PODS, "web-0").labels())
                .containsEntry("statefulset.kubernetes.io/pod-name", "web-0");
    }

    @Test
    void claimsStayWhenPodsGoAndAreFoundAgain() {
        set(2, CLAIMS);
        world.settle();
        String uid = claim("www-web-1").uid();
        scale(1);
        world.settle();
        scale(2);
        world.settle();
        assertThat(claim("www-web-1").uid()).isEqualTo(uid);
        world.delete(Resources.STATEFUL_SETS, "default", "web", "Background");
        world.advance(Duration.ofMinutes(1));
        assertThat(world.pods()).isEmpty();
        assertThat(claims()).containsExactly("www-web-0", "www-web-1");
    }

    @Test
    void whenScaledTheClaimGoesWithItsPodAndANewOneIsMade() {
        set(3, CLAIMS + "'persistentVolumeClaimRetentionPolicy':{'whenScaled':'Delete','whenDeleted':'Retain'},");
        world.settle();
        assertThat(claim("www-web-2").ownerReferences()).isEmpty();
        String uid = claim("www-web-2").uid();
        scale(2);
        scale(3);
        world.advance(Duration.ofMinutes(1));
        assertThat(pods()).containsExactly("web-0", "web-1", "web-2");
        scale(2);
        world.advance(Duration.ofMinutes(1));
        assertThat(claims()).containsExactly("www-web-0", "www-web-1");
        scale(3);
        world.advance(Duration.ofMinutes(1));
        assertThat(pods()).containsExactly("web-0", "web-1", "web-2");
        assertThat(claim("www-web-2").uid()).isNotEqualTo(uid);
    }

    @Test
    void aClaimThatIsStillToGoWithTheOldPodIsNotGivenToTheNewOne() {
        set(2, CLAIMS + "'persistentVolumeClaimRetentionPolicy':{'whenScaled':'Delete','whenDeleted':'Retain'},");
        world.settle();
        // Something holds the claim for a while.
        world.patch(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "www-web-1",
                "{'metadata':{'finalizers':['example.com/hold']}}");
        scale(1);
        world.advance(Duration.ofSeconds(30));
        scale(2);
        world.advance(Duration.ofMinutes(5));
        assertThat(pods()).containsExactly("web-0");
        assertThat(claim("www-web-1").isDeleting()).isTrue();
        world.patch(Resources.PERSISTENT_VOLUME_CLAIMS, "default", "www-web-1", "{'metadata':{'finalizers':null}}");
        world.settle();
        assertThat(pods()).containsExactly("web-0", "web-1");
        assertThat(claim("www-web-1").isDeleting()).isFalse();
    }

    @Test
    void whenDeletedTheClaimsGoWithTheSet() {
        set(2, CLAIMS + "'persistentVolumeClaimRetentionPolicy':{'whenDeleted':'Delete','whenScaled':'Retain'},");
        world.settle();
        assertThat(claim("www-web-0").ownerReferences().stream().map(OwnerReference::kind))
                .containsExactly("StatefulSet");
        scale(1);
        world.settle();
        assertThat(claims()).containsExactly("www-web-0", "www-web-1");
        world.delete(Resources.STATEFUL_SETS, "default", "web", "Background");
        world.advance(Duration.ofMinutes(1));
        assertThat(claims()).isEmpty();
    }

    @Test
    void theRowMayStartAtAnotherNumber() {
        set(2, "'ordinals':{'start':3},");
        world.settle();
        assertThat(pods()).containsExactly("web-3", "web-4");
        world.patch(Resources.STATEFUL_SETS, "default", "web", "{'spec':{'ordinals':{'start':0}}}");
        world.settle();
        assertThat(pods()).containsExactly("web-0", "web-1");
    }

    @Test
    void aRefusalIsToldAndTriedAgain() {
        refused = (method, arguments) -> method.equals("create") && arguments[0].equals(Resources.PODS);
        set(1, CLAIMS);
        world.settle();
        assertThat(world.events("FailedCreate"))
                .isNotEmpty()
                .allMatch(m -> m.startsWith("create Pod web-0 in StatefulSet web failed error: "));
        assertThat(set().integer(-1, "status", "replicas")).isZero();
        refused = (method, arguments) -> false;
        world.advance(Duration.ofMinutes(1));
        assertThat(pods()).containsExactly("web-0");
    }

    @Test
    void aSetThatIsDeletedWithItsPodsMakesNoMore() {
        set(2, "");
        world.settle();
        kubelet.shutdown(Duration.ofSeconds(5));
        journal.clear();
        world.delete(Resources.STATEFUL_SETS, "default", "web", "Foreground");
        world.advance(Duration.ofMinutes(1));
        assertThat(journal).containsExactlyInAnyOrder("-web-0", "-web-1");
        assertThat(world.exists(Resources.STATEFUL_SETS, "default", "web")).isFalse();
        assertThat(revisions()).isEmpty();
    }

    // ---- shorthand

    private void set(int replicas, String spec) {
        world.create(
                Resources.STATEFUL_SETS,
                "default",
                "{'apiVersion':'apps/v1','kind':'StatefulSet','metadata':{'name':'web'},'spec':{" + spec
                        + "'replicas':" + replicas
                        + ",'selector':{'matchLabels':{'app':'web'}},'template':{'metadata':{"
                        + "'labels':{'app':'web'}},'spec':{'volumes':[{'name':'tmp','emptyDir':{}},{'name':'www',"
                        + "'emptyDir':{}}],'containers':[{'name':'c','image':'app:v1'}]}}}}");
    }

    private Unstructured set() {
        return world.get(Resources.STATEFUL_SETS, "web");
    }

    private void scale(int replicas) {
        world.patch(Resources.STATEFUL_SETS, "default", "web", "{'spec':{'replicas':" + replicas + "}}");
    }

    private void image(String version) {
        world.patch(
                Resources.STATEFUL_SETS,
                "default",
                "web",
                "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'app:" + version + "'}]}}}}");
    }

    private static String image(Unstructured pod) {
        return pod.objects("spec", "containers").getFirst().string("image");
    }

    private List<String> images() {
        return world.pods().stream()
                .sorted(Comparator.comparing(Unstructured::name))
                .map(StatefulSetStoryTest::image)
                .toList();
    }

    private List<String> pods() {
        return world.pods().stream().map(Unstructured::name).sorted().toList();
    }

    private static boolean ready(Unstructured pod) {
        return pod.objects("status", "conditions").stream()
                .anyMatch(c ->
                        c.string("type").equals("Ready") && c.string("status").equals("True"));
    }

    private void touch(String pod) {
        world.patch(Resources.PODS, "default", pod, "{'metadata':{'annotations':{'touched':'yes'}}}");
    }

    private void unready(String pod) {
        condition(pod, "False");
    }

    private void readyAgain(String pod) {
        condition(pod, "True");
    }

    private void condition(String pod, String status) {
        world.patchStatus(
                Resources.PODS,
                "default",
                pod,
                "{'status':{'conditions':[{'type':'Ready','status':'" + status + "'}]}}");
    }

    private Unstructured claim(String name) {
        return world.get(Resources.PERSISTENT_VOLUME_CLAIMS, name);
    }

    private List<String> claims() {
        return world.list(Resources.PERSISTENT_VOLUME_CLAIMS, "default").stream()
                .map(Unstructured::name)
                .sorted()
                .toList();
    }

    private List<Unstructured> revisions() {
        return world.list(Resources.CONTROLLER_REVISIONS, "default").stream()
                .sorted(Comparator.comparingLong(r -> r.integer(0, "revision")))
                .toList();
    }
}
