package dev.coracle.machinery.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RevisionTest {
    private static Revision of(int bytes) {
        String json =
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"namespace\":\"n\",\"uid\":\"u\","
                        + "\"labels\":{\"k\":\"v\"}},\"data\":{\"x\":\"" + "y".repeat(bytes) + "\"}}";
        return new Revision(Resources.CONFIG_MAPS, 7, json.getBytes(StandardCharsets.UTF_8));
    }

    /** Collected as soon as nobody has it; the JVM says when. */
    private static void forgets(Revision r) {
        var tree = new WeakReference<>(r.object());
        await().until(() -> {
            System.gc();
            return tree.get() == null;
        });
    }

    @Test
    void theTreeOfASmallOneIsSharedAndOfALargeOneOnlyWhileSomebodyHasIt() {
        Revision small = of(100);
        Unstructured tree = small.object();
        System.gc();
        assertThat(small.object()).isSameAs(tree);

        Revision large = of(20_000);
        Unstructured held = large.object();
        System.gc();
        assertThat(large.object()).isSameAs(held);
        assertThat(held.name()).isEqualTo("a");
        Revision other = of(20_000);
        forgets(other);
        // And is there again for who asks.
        assertThat(other.object().string("data", "x")).hasSize(20_000);
    }

    @Test
    void whatIsAskedForOftenStays() {
        Revision r = of(20_000);
        forgets(r);
        assertThat(r.key()).isEqualTo(new ObjectKey("n", "a"));
        assertThat(r.name()).isEqualTo("a");
        assertThat(r.namespace()).isEqualTo("n");
        assertThat(r.uid()).isEqualTo("u");
        assertThat(r.labels()).containsExactlyEntriesOf(java.util.Map.of("k", "v"));
    }

    @Test
    void ofATreeTheTextIsMadeWhenItIsWantedAndOfALargeOneItIsWhatIsKept() {
        Unstructured o = Unstructured.parse("{\"kind\":\"Thing\",\"metadata\":{\"name\":\"a\"}}");
        Revision small = Revision.of(Resources.CONFIG_MAPS, 7, o, 40);
        assertThat(small.object()).isSameAs(o);
        assertThat(small.json()).isEqualTo(o.json()).isSameAs(small.json());
        assertThat(small.name()).isEqualTo("a");

        Revision large = Revision.of(Resources.CONFIG_MAPS, 7, of(20_000).object(), 20_000);
        forgets(large);
        assertThat(large.object().string("data", "x")).hasSize(20_000);
    }
}
