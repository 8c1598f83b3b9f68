package dev.coracle.apiserver.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.registry.ResourceCache.Watcher;
import dev.coracle.client.Client;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AudienceTest {
    private final Random random = new Random(7);

    private static Revision pod(String namespace, String name, String node) {
        return Revision.of(
                Resources.PODS, 1, Unstructured.of("v1", "Pod", namespace, name).set(node, "spec", "nodeName"), 1);
    }

    private static String node(Revision r) {
        return r.object().string("spec", "nodeName");
    }

    private static Watcher watcher(String namespace, Predicate<Revision> filter) {
        return new Watcher(namespace, filter, new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {}

            @Override
            public void onClosed(StatusException cause) {}
        });
    }

    private Watcher any() {
        String namespace = random.nextBoolean() ? "" : "ns" + random.nextInt(3);
        String value = "" + random.nextInt(4);
        return watcher(
                namespace,
                switch (random.nextInt(4)) {
                    case 0 -> Pinned.named(value, r -> r.name().equals(value));
                    case 1 -> new Pinned("spec.nodeName", AudienceTest::node, value, r -> node(r).equals(value));
                    case 2 -> r -> r.name().equals(value);
                    default -> r -> true;
                });
    }

    private Revision anyPod(@Nullable Revision before) {
        return before == null
                ? pod("ns" + random.nextInt(3), "" + random.nextInt(4), "" + random.nextInt(4))
                : pod(before.namespace(), before.name(), "" + random.nextInt(4));
    }

    private static boolean matches(Watcher w, Revision r) {
        return (w.namespace().isEmpty() || w.namespace().equals(r.namespace()))
                && w.filter().test(r);
    }

    @Test
    void whomAChangeConcernsIsFoundAsIfAllWereAsked() {
        Audience audience = new Audience();
        List<Watcher> all = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            if (all.isEmpty() || random.nextInt(3) > 0 && all.size() < 60) {
                Watcher w = any();
                audience.add(w);
                all.add(w);
            } else {
                Watcher gone = all.remove(random.nextInt(all.size()));
                assertThat(audience.contains(gone)).isTrue();
                audience.remove(gone);
                assertThat(audience.contains(gone)).isFalse();
            }
            Revision before = random.nextBoolean() ? null : anyPod(null);
            Revision now = anyPod(before);
            List<Watcher> found = audience.of(now, before);
            assertThat(found).doesNotHaveDuplicates();
            Set<Watcher> concerned = new HashSet<>(found);
            for (Watcher w : all) {
                if (matches(w, now) || before != null && matches(w, before)) {
                    assertThat(concerned).contains(w);
                }
            }
        }
        assertThat(audience.clear()).containsExactlyInAnyOrderElementsOf(all);
        assertThat(audience.of(anyPod(null), null)).isEmpty();
    }

    @Test
    void whoWatchesOneOfManyIsNotAskedAboutTheOthers() {
        Audience audience = new Audience();
        AtomicInteger asked = new AtomicInteger();
        for (int i = 0; i < 1_000; i++) {
            String node = "node-" + i;
            audience.add(watcher(
                    "", new Pinned("spec.nodeName", AudienceTest::node, node, r -> asked.incrementAndGet() > 0)));
        }
        Revision now = pod("default", "web", "node-7");
        audience.of(now, pod("default", "web", "")).forEach(w -> w.filter().test(now));
        assertThat(asked).hasValue(1);
    }
}
