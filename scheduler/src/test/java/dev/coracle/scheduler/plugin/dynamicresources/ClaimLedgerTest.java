package dev.coracle.scheduler.plugin.dynamicresources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What is promised, written and shown, in whatever order they come. */
class ClaimLedgerTest {
    private static final DeviceId DEVICE = new DeviceId("d.example", "p", "g0");
    private static final String ALLOCATION =
            "{'devices':{'results':[{'driver':'d.example','pool':'p','device':'g0'}]}}";

    private final Copy copy = new Copy();
    private final ClaimLedger ledger = new ClaimLedger(copy);

    @Test
    void whatIsPromisedIsTakenUntilItIsTakenBack() {
        copy.show(claim(1, ""));
        ledger.promise("pod", claim(1, "").object(), tree(ALLOCATION));
        assertThat(isTaken()).isTrue();
        assertThat(ledger.isPromised("uid")).isTrue();
        assertThat(ledger.release("other")).isEmpty();
        assertThat(ledger.release("pod")).containsExactly(new ObjectKey("n", "c"));
        assertThat(isTaken()).isFalse();
        assertThat(ledger.wasFreed(new ObjectKey("n", "c"))).isTrue();
        assertThat(ledger.begin("pod", "uid")).isEmpty();
    }

    @Test
    void whatIsBeingWrittenCannotBeTakenBack() {
        copy.show(claim(1, ""));
        ledger.promise("pod", claim(1, "").object(), tree(ALLOCATION));
        assertThat(ledger.begin("pod", "uid")).isPresent();
        assertThat(ledger.release("pod")).isEmpty();
        assertThat(isTaken()).isTrue();
        ledger.abandon("uid");
        assertThat(isTaken()).isFalse();
    }

    @Test
    void whatWasWrittenIsTakenBeforeItShowsAndUntilItGoes() {
        copy.show(claim(1, ""));
        ledger.promise("pod", claim(1, "").object(), tree(ALLOCATION));
        ledger.begin("pod", "uid");
        ledger.wrote(claim(5, ALLOCATION));
        ledger.abandon("uid");
        assertThat(isTaken()).isTrue();
        copy.show(claim(3, ""));
        assertThat(isTaken()).as("the copy is behind").isTrue();
        assertThat(ledger.get(new ObjectKey("n", "c")).orElseThrow().version()).isEqualTo(5);
        copy.show(claim(5, ALLOCATION));
        assertThat(isTaken()).isTrue();
        copy.show(claim(7, ""));
        assertThat(isTaken()).isFalse();
        assertThat(ledger.wasFreed(new ObjectKey("n", "c"))).isTrue();
    }

    @Test
    void whatTheCopyShowsButHasNotToldIsTakenAllTheSame() {
        copy.show(claim(1, ""));
        ledger.promise("pod", claim(1, "").object(), tree(ALLOCATION));
        ledger.begin("pod", "uid");
        Revision done = claim(5, ALLOCATION);
        copy.all.put(done.key(), done);
        ledger.wrote(done);
        assertThat(isTaken()).isTrue();
        copy.show(done);
        assertThat(isTaken()).isTrue();
        copy.show(claim(6, ""));
        assertThat(isTaken()).isFalse();
    }

    @Test
    void nothingIsKeptForAClaimThatIsGone() {
        copy.show(claim(1, ""));
        ledger.promise("pod", claim(1, "").object(), tree(ALLOCATION));
        ledger.begin("pod", "uid");
        copy.hide();
        ledger.wrote(claim(5, ALLOCATION));
        assertThat(isTaken()).isFalse();
        copy.show(claim(8, ""));
        ledger.wrote(claim(9, ALLOCATION));
        assertThat(isTaken()).isTrue();
        copy.hide();
        assertThat(isTaken()).isFalse();
    }

    @Test
    void whatIsInDoubtIsTakenUntilSomebodyKnows() {
        copy.show(claim(1, ""));
        ledger.promise("pod", claim(1, "").object(), tree(ALLOCATION));
        ledger.begin("pod", "uid");
        ledger.doubt("uid");
        assertThat(ledger.release("pod")).isEmpty();
        copy.show(claim(2, ""));
        assertThat(isTaken()).as("it may be that this is from before").isTrue();
        assertThat(ledger.isInDoubt("uid")).isTrue();
        copy.show(claim(3, ALLOCATION));
        assertThat(ledger.isInDoubt("uid")).isFalse();
        assertThat(isTaken()).isTrue();
        copy.show(claim(4, ""));
        assertThat(isTaken()).isFalse();
    }

    private boolean isTaken() {
        return ledger.taken().isWhole(DEVICE);
    }

    private static Revision claim(long version, String allocation) {
        Unstructured claim = tree("{'metadata':{'namespace':'n','name':'c','uid':'uid'},'status':{}}");
        if (!allocation.isEmpty()) {
            claim.set(tree(allocation), "status", "allocation");
        }
        return new Revision(Resources.RESOURCE_CLAIMS, version, claim.json());
    }

    private static Unstructured tree(String json) {
        return Unstructured.parse(json.replace('\'', '"'));
    }

    /** A copy of the claims that shows what it is told. */
    private static final class Copy implements Informers, Informer {
        private final Map<ObjectKey, Revision> all = new HashMap<>();
        private Handler handler = (before, after) -> {};

        void show(Revision claim) {
            Revision before = all.put(claim.key(), claim);
            handler.onChange(before, claim);
        }

        void hide() {
            List.copyOf(all.keySet()).forEach(k -> handler.onChange(all.remove(k), null));
        }

        @Override
        public Optional<Revision> get(ObjectKey key) {
            return Optional.ofNullable(all.get(key));
        }

        @Override
        public List<Revision> list() {
            return List.copyOf(all.values());
        }

        @Override
        public List<Revision> list(String namespace) {
            return list();
        }

        @Override
        public void index(String name, Function<Revision, List<String>> keys) {}

        @Override
        public List<Revision> byIndex(String name, String key) {
            return List.of();
        }

        @Override
        public void handle(Handler told) {
            handler = told;
        }

        @Override
        public boolean synced() {
            return true;
        }

        @Override
        public Informer of(GroupVersionResource resource) {
            return this;
        }

        @Override
        public Informer of(GroupVersionResource resource, String fieldSelector) {
            return this;
        }

        @Override
        public void forget(GroupVersionResource resource) {}

        @Override
        public void start() {}

        @Override
        public boolean awaitSync(Duration timeout) {
            return true;
        }

        @Override
        public void close() {}
    }
}
