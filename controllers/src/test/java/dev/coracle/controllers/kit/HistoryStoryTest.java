package dev.coracle.controllers.kit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The templates that a DaemonSet had. */
class HistoryStoryTest {
    private final World world = new World(Path.of("unused"));
    private History history;

    @BeforeEach
    void start() {
        history = new History(
                world.client(),
                Resources.DAEMON_SETS,
                world.context().informers().of(Resources.CONTROLLER_REVISIONS));
        world.start();
        world.create(
                Resources.DAEMON_SETS,
                "default",
                "{'apiVersion':'apps/v1','kind':'DaemonSet','metadata':{'name':'agent'},'spec':{'selector':{"
                        + "'matchLabels':{'app':'agent'}},'template':{'metadata':{'labels':{'app':'agent'}},'spec':{"
                        + "'containers':[{'name':'c','image':'app:v1'}]}}}}");
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    private Unstructured owner() {
        return world.get(Resources.DAEMON_SETS, "agent");
    }

    private void image(String version) {
        world.patch(
                Resources.DAEMON_SETS,
                "default",
                "agent",
                "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'app:" + version + "'}]}}}}");
    }

    private History.Current current() {
        world.settle();
        return history.current(owner(), history.of(owner()), "controller-revision-hash");
    }

    private List<String> images() {
        world.settle();
        return history.of(owner()).stream()
                .map(r -> History.number(r) + ":"
                        + History.template(r)
                                .objects("spec", "containers")
                                .getFirst()
                                .string("image"))
                .toList();
    }

    @Test
    void eachTemplateIsKeptOnceAndOneThatComesBackIsTheNewest() {
        Unstructured first = current().revision();
        assertThat(first.name()).isEqualTo("agent-" + first.labels().get("controller-revision-hash"));
        assertThat(first.labels()).containsEntry("app", "agent");
        assertThat(first.controllerOf().orElseThrow().uid()).isEqualTo(owner().uid());
        assertThat(first.object("data").string("spec", "template", "$patch")).isEqualTo("replace");
        assertThat(current().revision()).as("as it is").isEqualTo(first);
        image("v2");
        assertThat(current().revision().name()).isNotEqualTo(first.name());
        assertThat(images()).containsExactly("1:app:v1", "2:app:v2");
        image("v1");
        assertThat(current().revision().name()).isEqualTo(first.name());
        assertThat(images()).containsExactly("2:app:v2", "3:app:v1");
        assertThat(History.template(first)).isEqualTo(owner().object("spec", "template"));
    }

    @Test
    void theBytesOfATemplateAreTheSameHoweverItWasWritten() {
        String data =
                current().revision().object("data").object("spec", "template").toString();
        assertThat(List.of("$patch", "\"metadata\"", "\"spec\"", "\"containers\"", "\"image\"", "\"name\""))
                .extracting(data::indexOf)
                .isSorted()
                .doesNotContain(-1);
    }

    @Test
    void aCopyThatIsBehindMakesNoSecondOne() {
        Unstructured made = history.current(owner(), List.of(), History.HASH).revision();
        History.Current again = history.current(owner(), List.of(), History.HASH);
        assertThat(again.revision().uid()).isEqualTo(made.uid());
        assertThat(again.collisions()).isZero();
    }

    @Test
    void aTakenNameCountsAsACollision() {
        String hash = ContentHash.of(History.data(owner()), 0);
        world.create(
                Resources.CONTROLLER_REVISIONS,
                "default",
                "{'apiVersion':'apps/v1','kind':'ControllerRevision','metadata':{'name':'agent-" + hash
                        + "'},'data':{'spec':{}},'revision':7}");
        History.Current current = current();
        assertThat(current.collisions()).isEqualTo(1);
        assertThat(current.revision().name()).isNotEqualTo("agent-" + hash);
        assertThat(History.number(current.revision()))
                .as("the other is a stranger's")
                .isEqualTo(1);
    }

    @Test
    void oneThatWasOrphanedIsAdoptedAndOneThatCeasesToMatchIsReleased() {
        Unstructured made = current().revision();
        world.settle();
        world.patch(Resources.CONTROLLER_REVISIONS, "default", made.name(), "{'metadata':{'ownerReferences':null}}");
        assertThat(images()).containsExactly("1:app:v1");
        assertThat(world.get(Resources.CONTROLLER_REVISIONS, made.name()).controllerOf())
                .isPresent();
        world.patch(Resources.CONTROLLER_REVISIONS, "default", made.name(), "{'metadata':{'labels':{'app':null}}}");
        assertThat(images()).isEmpty();
        assertThat(world.get(Resources.CONTROLLER_REVISIONS, made.name()).ownerReferences())
                .isEmpty();
    }

    @Test
    void theOldestGoBeyondTheLimitButNotThoseInUse() {
        for (int v = 1; v <= 5; v++) {
            image("v" + v);
            current();
        }
        world.settle();
        List<Unstructured> all = history.of(owner());
        Set<String> used = Set.of(all.get(0).name(), all.get(4).name());
        history.truncate(all, r -> used.contains(r.name()), 1);
        assertThat(images()).containsExactly("1:app:v1", "4:app:v4", "5:app:v5");
        history.truncate(history.of(owner()), r -> used.contains(r.name()), 0);
        assertThat(images()).containsExactly("1:app:v1", "5:app:v5");
    }
}
