package dev.coracle.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.SystemEnvironment;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is marked is worked on, whatever happens. */
class ChangeLoopTest {
    @Test
    void marksOfWorkThatFailedComeAgainWithThoseThatFollowed() throws InterruptedException {
        var api = new FakeApi();
        BlockingQueue<String> worked = new LinkedBlockingQueue<>();
        try (var system = new SystemEnvironment((name, t) -> t.printStackTrace())) {
            var fails = new boolean[] {true};
            ChangeLoop<?>[] self = new ChangeLoop<?>[1];
            var loop = new ChangeLoop<String>("test", system.environment(), api, List.of(), (marks, look) -> {
                worked.add(new TreeSet<>(marks) + (look ? " and look" : ""));
                if (fails[0] && !marks.isEmpty()) {
                    fails[0] = false;
                    mark(self[0], "b");
                    throw new ArrayIndexOutOfBoundsException("whatever");
                }
            });
            self[0] = loop;
            loop.start();
            assertThat(worked.poll(10, TimeUnit.SECONDS)).isEqualTo("[]");
            loop.mark(Set.of("a"));
            assertThat(worked.poll(10, TimeUnit.SECONDS)).isEqualTo("[a]");
            assertThat(worked.poll(10, TimeUnit.SECONDS)).isEqualTo("[a, b] and look");
            loop.close();
            loop.mark(Set.of("c"));
            assertThat(worked).isEmpty();
        }
    }

    @SuppressWarnings("unchecked")
    private static void mark(ChangeLoop<?> loop, String what) {
        ((ChangeLoop<String>) loop).mark(Set.of(what));
    }
}
