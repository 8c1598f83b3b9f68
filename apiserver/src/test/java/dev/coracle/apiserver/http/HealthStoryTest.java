package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.KeyValue;
import dev.coracle.store.mvcc.Journal;
import dev.coracle.store.mvcc.MvccStore;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the server says that it is well, and that it is not. */
@Timeout(30)
class HealthStoryTest {
    /** A disk that fills up. */
    private static final class Disk implements Journal {
        volatile boolean full;
        volatile boolean nearlyFull;

        @Override
        public boolean full() {
            return nearlyFull;
        }

        @Override
        public void append(List<KeyValue> records) {
            if (full) {
                throw new IllegalStateException("No space left on device");
            }
        }

        @Override
        public void compact(long revision, List<KeyValue> superseded) {}

        @Override
        public void lease(long id, long ttlSeconds) {}

        @Override
        public void endLease(long id) {}

        @Override
        public void close() {}
    }

    @Test
    void aDiskThatIsNearlyFullTakesDeletionsAloneUntilItHasRoom() throws Exception {
        Disk disk = new Disk();
        String maps = "/api/v1/namespaces/default/configmaps";
        try (var server = new SecureServer(Limits.STANDARD, environment -> new MvccStore(disk, environment));
                var admin = server.admin()) {
            assertThat(admin.post(maps, "{\"metadata\":{\"name\":\"a\"}}").statusCode())
                    .isEqualTo(201);
            disk.nearlyFull = true;
            var refused = admin.post(maps, "{\"metadata\":{\"name\":\"b\"}}");
            assertThat(refused.statusCode()).isEqualTo(500);
            assertThat(Unstructured.parse(refused.body()).string("message"))
                    .startsWith("Internal error occurred: mvcc: database space exceeded: ");
            var ready = admin.get("/readyz");
            assertThat(ready.statusCode()).isEqualTo(500);
            assertThat(ready.body()).contains("[-]etcd-readiness failed: reason withheld\n");
            // It lives: to start it anew would help nobody.
            assertThat(admin.get("/livez").body()).isEqualTo("ok");
            assertThat(admin.get("/livez/etcd-readiness").statusCode()).isEqualTo(404);
            assertThat(admin.send("DELETE", maps + "/a", "", "").statusCode()).isEqualTo(200);

            disk.nearlyFull = false;
            assertThat(admin.get("/readyz").body()).isEqualTo("ok");
            assertThat(admin.post(maps, "{\"metadata\":{\"name\":\"b\"}}").statusCode())
                    .isEqualTo(201);
        }
    }

    @Test
    void aFullDiskStopsWritesAndIsTold() throws Exception {
        Disk disk = new Disk();
        String maps = "/api/v1/namespaces/default/configmaps";
        try (var server = new SecureServer(Limits.STANDARD, environment -> new MvccStore(disk, environment));
                var admin = server.admin()) {
            assertThat(admin.get("/readyz").body()).isEqualTo("ok");
            assertThat(admin.get("/livez?verbose").body()).isEqualTo("[+]ping ok\n[+]etcd ok\nlivez check passed\n");
            assertThat(admin.post(maps, "{\"metadata\":{\"name\":\"a\"}}").statusCode())
                    .isEqualTo(201);

            disk.full = true;
            var refused = admin.post(maps, "{\"metadata\":{\"name\":\"b\"}}");
            assertThat(refused.statusCode()).isEqualTo(500);
            assertThat(Unstructured.parse(refused.body()).string("message"))
                    .isEqualTo("Internal error occurred: the store has stopped: No space left on device");
            disk.full = false;
            assertThat(admin.post(maps, "{\"metadata\":{\"name\":\"c\"}}").statusCode())
                    .isEqualTo(500);

            var ready = admin.get("/readyz");
            assertThat(ready.statusCode()).isEqualTo(500);
            assertThat(ready.body())
                    .isEqualTo(
                            "[+]ping ok\n[-]etcd failed: reason withheld\n[+]etcd-readiness ok\nreadyz check failed\n");
            assertThat(admin.get("/readyz?exclude=etcd").body()).isEqualTo("ok");
            assertThat(admin.get("/readyz/etcd").statusCode()).isEqualTo(500);
            assertThat(admin.get("/readyz/ping").body()).isEqualTo("ok");
            assertThat(admin.get("/readyz/nonsense").statusCode()).isEqualTo(404);
            // What there is can still be read.
            Unstructured list = Unstructured.parse(admin.get(maps).body());
            assertThat(list.objects("items")).extracting(Unstructured::name).containsExactly("a");
        }
    }
}
