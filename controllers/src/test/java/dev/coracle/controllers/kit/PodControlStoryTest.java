package dev.coracle.controllers.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.controllers.Calls;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.World;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pods made and deleted for an owner, here a ReplicaSet whose controller sleeps. */
class PodControlStoryTest {
    private static final ObjectKey KEY = new ObjectKey("default", "web");

    private final World world = new World(Path.of("unused"));
    private final AtomicInteger allowed = new AtomicInteger(Integer.MAX_VALUE);
    /** The controller's copy, which is behind until it is started. */
    private final ClientInformers late =
            new ClientInformers(world.client(), world.context().environment());

    private Unstructured owner;
    private PodControl control;

    @BeforeEach
    void start() {
        Client client = Calls.refusing(
                world.client(),
                (method, arguments) -> method.equals("create")
                        && arguments[0].equals(Resources.PODS)
                        && allowed.getAndDecrement() <= 0,
                () -> StatusException.forbidden(Resources.PODS, "", "exceeded quota"));
        ControllerContext c = world.context();
        control = new PodControl(
                new ControllerContext(client, c.informers(), c.environment(), c.config()),
                world.recorder(),
                late.of(Resources.PODS));
        world.start();
        owner = world.create(
                        Resources.REPLICA_SETS,
                        "default",
                        "{'apiVersion':'apps/v1','kind':'ReplicaSet','metadata':{'name':'web'},'spec':{'replicas':3,"
                                + "'selector':{'matchLabels':{'app':'web'}},'template':{'metadata':{'labels':{"
                                + "'app':'web'},'annotations':{'a':'b'},'name':'unheeded'},'spec':{'containers':[{"
                                + "'name':'c','image':'app'}]}}}}")
                .object();
    }

    @AfterEach
    void close() throws Exception {
        late.close();
        world.close();
    }

    private void catchUp() {
        late.start();
        world.settle();
    }

    private Unstructured pod() {
        return PodControl.pod(owner, owner.object("spec", "template"));
    }

    @Test
    void aPodIsItsTemplatesAndItsOwnersAndNamedAsOneLikes() {
        String drawn = control.create(owner, pod()).name();
        control.create(owner, pod().set("web-0", "metadata", "name"));
        String prefixed = control.create(
                        owner,
                        pod().set("web-7-", "metadata", "generateName")
                                .set("7", "metadata", "labels", "index")
                                .add("batch.kubernetes.io/job-tracking", "metadata", "finalizers"))
                .name();
        world.settle();
        assertThat(drawn).startsWith("web-").isNotEqualTo("web-0");
        assertThat(prefixed).startsWith("web-7-");
        assertThat(world.pods()).hasSize(3).allSatisfy(p -> {
            assertThat(p.labels()).containsEntry("app", "web");
            assertThat(p.annotations()).containsEntry("a", "b");
            assertThat(p.controllerOf().orElseThrow().uid()).isEqualTo(owner.uid());
        });
        assertThat(world.get(Resources.PODS, prefixed).labels()).containsEntry("index", "7");
        assertThat(world.get(Resources.PODS, prefixed).finalizers()).contains("batch.kubernetes.io/job-tracking");
        assertThat(world.events("SuccessfulCreate"))
                .containsExactlyInAnyOrder("Created pod: " + drawn, "Created pod: web-0", "Created pod: " + prefixed);
        assertThatThrownBy(() -> control.create(owner, pod().set("web-0", "metadata", "name")))
                .hasMessage("pods \"web-0\" already exists");
        assertThat(owner.object("spec", "template").string("metadata", "name")).isNotEqualTo("web-0");
    }

    @Test
    void aRefusalEndsTheBatchesAndNothingIsExpectedOfWhatWasSkipped() {
        allowed.set(2);
        PodControl.Failure failure = control.create(owner, 100, i -> pod());
        assertThat(failure).isNotNull();
        assertThat(failure.reason()).isEqualTo("FailedCreate");
        assertThat(failure.cause()).hasMessage("pods is forbidden: exceeded quota");
        assertThat(control.isSettled(KEY))
                .as("the copy does not show the two yet")
                .isFalse();
        catchUp();
        assertThat(world.pods()).hasSize(2);
        assertThat(control.isSettled(KEY)).isTrue();
        assertThat(world.events("FailedCreate")).containsExactly("Error creating: pods is forbidden: exceeded quota");
        assertThat(allowed).as("one alone, then a batch of two").hasValue(-1);
    }

    @Test
    void inANamespaceThatIsGoingThereIsNoFailureAndNoNoise() {
        world.create(
                Resources.NAMESPACES,
                "",
                "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'gone','finalizers':['a.b/c']}}");
        Unstructured there = owner.copy().set("gone", "metadata", "namespace");
        world.delete(Resources.NAMESPACES, "", "gone", "");
        assertThat(control.create(there, 3, i -> pod())).isNull();
        world.settle();
        assertThat(world.list(Resources.EVENTS, "gone")).isEmpty();
    }

    @Test
    void aDeletionIsToldAndThatOfWhatIsGoneIsNot() {
        Unstructured first = control.create(owner, pod()).object();
        catchUp();
        assertThat(control.isSettled(KEY)).isTrue();
        assertThat(control.delete(owner, List.of(first))).isNull();
        world.settle();
        assertThat(control.isSettled(KEY)).isTrue();
        assertThat(world.events("SuccessfulDelete")).containsExactly("Deleted pod: " + first.name());
        Unstructured another = first.copy().set("never-was", "metadata", "name");
        assertThat(control.delete(owner, another)).isFalse();
        assertThat(control.isSettled(KEY)).isTrue();
        assertThat(world.events("FailedDelete")).isEmpty();
    }

    @Test
    void anOwnerOfTheSameNameStartsAnew() {
        control.forgets(world.context().informers().of(Resources.REPLICA_SETS));
        world.settle();
        control.create(owner, pod());
        assertThat(control.isSettled(KEY)).isFalse();
        world.delete(Resources.REPLICA_SETS, "default", "web", "Orphan");
        Unstructured held = world.get(Resources.REPLICA_SETS, "web");
        world.patch(Resources.REPLICA_SETS, "default", held.name(), "{'metadata':{'finalizers':null}}");
        world.settle();
        assertThat(control.isSettled(KEY)).isTrue();
    }
}
