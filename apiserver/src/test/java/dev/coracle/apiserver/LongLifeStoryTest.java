package dev.coracle.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.KeyValue;
import dev.coracle.store.mvcc.Journal;
import dev.coracle.store.mvcc.MvccStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** A cluster that is left alone. */
class LongLifeStoryTest {
    /** Counts what a disk would hold. */
    private static final class Counting implements Journal {
        final Map<String, Integer> records = new HashMap<>();
        int most;
        int all;

        private static String name(KeyValue kv) {
            return kv.modRevision() + kv.key();
        }

        @Override
        public void append(List<KeyValue> more) {
            more.forEach(kv -> records.put(name(kv), 1));
            all += more.size();
            most = Math.max(most, records.size());
        }

        @Override
        public void compact(long revision, List<KeyValue> superseded) {
            superseded.forEach(kv -> records.remove(name(kv)));
        }

        @Override
        public void lease(long id, long ttlSeconds) {}

        @Override
        public void endLease(long id) {}

        @Override
        public void close() {}
    }

    private final VirtualEnvironment world = new VirtualEnvironment(3);
    private final Counting disk = new Counting();

    private static Unstructured event(int i) {
        return Unstructured.of("v1", "Event")
                .set("e-" + i, "metadata", "name")
                .set("default", "involvedObject", "namespace")
                .set("Pod", "involvedObject", "kind")
                .set("web", "involvedObject", "name")
                .set("BackOff", "reason")
                .set("Warning", "type");
    }

    @Test
    void aWeekOfHeartbeatsAndEventsLeavesWhatAnHourDoes() {
        try (MvccStore store = new MvccStore(disk, world.environment());
                ApiServer server = ApiServer.over(store, world.environment())) {
            Client admin = server.client(UserInfo.ADMIN);
            for (int n = 0; n < 3; n++) {
                admin.create(
                        Resources.LEASES,
                        "kube-node-lease",
                        Unstructured.of("coordination.k8s.io/v1", "Lease").set("n" + n, "metadata", "name"),
                        WriteOptions.DEFAULT);
            }
            int minutes = (int) Duration.ofDays(7).toMinutes();
            int hour = 0;
            for (int minute = 0; minute < minutes; minute++) {
                for (int n = 0; n < 3; n++) {
                    Unstructured lease = admin.get(Resources.LEASES, "kube-node-lease", "n" + n)
                            .object()
                            .copy();
                    lease.set(Timestamps.formatMicro(world.environment().clock().now()), "spec", "renewTime");
                    admin.update(Resources.LEASES, lease, WriteOptions.DEFAULT);
                }
                admin.create(Resources.EVENTS, "default", event(minute), WriteOptions.DEFAULT);
                world.advance(Duration.ofMinutes(1));
                if (minute == 90) {
                    hour = disk.most;
                }
            }
            assertThat(disk.all).isGreaterThan(4 * minutes);
            assertThat(disk.most).isLessThan(hour + 100);
            var events =
                    admin.list(Resources.EVENTS, "default", ListOptions.ALL).items();
            assertThat(events)
                    .hasSizeBetween(60, 62)
                    .last()
                    .satisfies(e -> assertThat(e.name()).isEqualTo("e-" + (minutes - 1)));
        }
    }

    @Test
    void aPageOfWhatIsForgottenIsGone() {
        try (MvccStore store = new MvccStore(disk, world.environment());
                ApiServer server = ApiServer.over(store, world.environment())) {
            Client admin = server.client(UserInfo.ADMIN);
            admin.create(Resources.EVENTS, "default", event(1), WriteOptions.DEFAULT);
            admin.create(Resources.EVENTS, "default", event(2), WriteOptions.DEFAULT);
            String next = admin.list(Resources.EVENTS, "default", new ListOptions("", "", "", 1, "", false))
                    .continueToken();
            var onward = new ListOptions("", "", "", 1, next, false);
            assertThat(admin.list(Resources.EVENTS, "default", onward).items()).hasSize(1);
            world.advance(Duration.ofMinutes(5));
            admin.create(Resources.EVENTS, "default", event(3), WriteOptions.DEFAULT);
            world.advance(Duration.ofMinutes(10));
            StatusException gone = Assertions.catchThrowableOfType(
                    StatusException.class, () -> admin.list(Resources.EVENTS, "default", onward));
            assertThat(gone.code()).isEqualTo(410);
            assertThat(gone.reason()).isEqualTo("Expired");
        }
    }
}
