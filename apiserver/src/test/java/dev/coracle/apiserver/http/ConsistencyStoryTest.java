package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.RevisionList;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.KeyValue;
import dev.coracle.store.embedded.EmbeddedStore;
import dev.coracle.store.mvcc.Journal;
import dev.coracle.store.mvcc.MvccStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What several clients at once may rely on, over a store whose commits and whose watches have threads of their own. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConsistencyStoryTest {
    private static final String HERE = "default";
    private static final List<GroupVersionResource> KINDS =
            List.of(Resources.CONFIG_MAPS, Resources.SECRETS, Resources.SERVICES, Resources.LEASES);

    @TempDir
    Path dir;

    private static Unstructured object(GroupVersionResource kind, String name) {
        if (kind.equals(Resources.SERVICES)) {
            return Unstructured.of("v1", "Service", HERE, name)
                    .set(List.of(Unstructured.parse("{\"port\":80,\"protocol\":\"TCP\"}")), "spec", "ports");
        }
        if (kind.equals(Resources.LEASES)) {
            return Unstructured.of("coordination.k8s.io/v1", "Lease", HERE, name);
        }
        return Unstructured.of("v1", kind.equals(Resources.SECRETS) ? "Secret" : "ConfigMap", HERE, name);
    }

    private static Map<String, Long> versions(Collection<Revision> items) {
        Map<String, Long> found = new TreeMap<>();
        items.forEach(r -> found.put(r.name(), r.version()));
        return found;
    }

    /** What a watch was told, and what its client knew when it began. */
    private static final class Recorder implements Client.WatchListener {
        private final GroupVersionResource kind;
        private final long from;
        private final Map<String, Long> known;
        private final Queue<String> told = new ConcurrentLinkedQueue<>();
        private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
        private long last;

        /** @param known what there was; null where it is not known */
        Recorder(GroupVersionResource kind, long from, Map<String, Long> known) {
            this.kind = kind;
            this.from = from;
            this.last = from;
            this.known = known;
        }

        static String line(WatchEvent event) {
            return event.type() + " " + event.revision().name() + "@"
                    + event.revision().version();
        }

        static long version(String line) {
            return Long.parseLong(line.substring(line.indexOf('@') + 1));
        }

        @Override
        public void onEvent(WatchEvent event) {
            Revision r = event.revision();
            told.add(line(event));
            if (r.version() <= last) {
                wrong.add(line(event) + " after " + last);
            }
            last = r.version();
            if (!r.object().resourceVersion().equals("" + r.version())) {
                wrong.add(line(event) + " says " + r.object().resourceVersion());
            }
            if (known != null) {
                boolean was = known.containsKey(r.name());
                if (was == (event.type() == WatchEvent.Type.ADDED)) {
                    wrong.add(line(event) + " and was there: " + was);
                }
                if (event.type() == WatchEvent.Type.DELETED) {
                    known.remove(r.name());
                } else {
                    known.put(r.name(), r.version());
                }
            }
        }

        @Override
        public void onClosed(StatusException cause) {
            wrong.add("closed: " + cause.getMessage());
        }
    }

    /** One client, who checks all it sees against what it knows. */
    private static final class Worker {
        private final Client client;
        private final Random random;
        private final String prefix;
        private final Queue<Recorder> recorders;
        private final AtomicInteger counted;
        private final Map<GroupVersionResource, Map<String, Long>> mine = new HashMap<>();
        private long high;
        private int names;

        Worker(SecureServer server, long seed, int number, Queue<Recorder> recorders, AtomicInteger counted) {
            this.client = server.server.client(UserInfo.ADMIN);
            this.random = new Random(seed * 31 + number);
            this.prefix = "w" + number + "-";
            this.recorders = recorders;
            this.counted = counted;
            KINDS.forEach(k -> mine.put(k, new TreeMap<>()));
        }

        void step() {
            GroupVersionResource kind = KINDS.get(random.nextInt(KINDS.size()));
            Map<String, Long> own = mine.get(kind);
            String name = own.isEmpty() ? "" : new ArrayList<>(own.keySet()).get(random.nextInt(own.size()));
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> create(kind, own);
                case 3, 4 -> {
                    if (!name.isEmpty()) {
                        update(kind, own, name);
                    }
                }
                case 5 -> {
                    if (!name.isEmpty()) {
                        delete(kind, own, name);
                    }
                }
                case 6 -> count();
                default -> lists();
            }
        }

        private void create(GroupVersionResource kind, Map<String, Long> own) {
            String name = prefix + names++;
            Unstructured o = object(kind, name);
            if (random.nextInt(3) == 0) {
                o.add("example.com/hold", "metadata", "finalizers");
            }
            Revision made = client.create(kind, HERE, o, WriteOptions.DEFAULT);
            // What is the client's own stays so.
            o.set("changed afterwards", "metadata", "labels", "x");
            own.put(name, made.version());
            written(kind, own, name, made);
        }

        private void update(GroupVersionResource kind, Map<String, Long> own, String name) {
            Unstructured o = client.get(kind, HERE, name).object().copy();
            assertThat(o.resourceVersion()).isEqualTo("" + own.get(name));
            o.set("" + random.nextInt(), "metadata", "annotations", "n");
            Revision made = client.update(kind, o, WriteOptions.DEFAULT);
            o.set("changed afterwards", "metadata", "annotations", "n");
            own.put(name, made.version());
            written(kind, own, name, made);
        }

        private void delete(GroupVersionResource kind, Map<String, Long> own, String name) {
            client.delete(kind, HERE, name, DeleteOptions.DEFAULT);
            if (!client.list(kind, HERE, ListOptions.fields("metadata.name=" + name))
                    .items()
                    .isEmpty()) {
                Unstructured held = client.get(kind, HERE, name).object().copy();
                assertThat(held.isDeleting()).isTrue();
                client.update(kind, held.set(null, "metadata", "finalizers"), WriteOptions.DEFAULT);
            }
            own.remove(name);
            assertThat(versions(client.list(kind, HERE, ListOptions.ALL).items()))
                    .doesNotContainKey(name);
        }

        /** Read your writes, in every way there is to read them. */
        private void written(GroupVersionResource kind, Map<String, Long> own, String name, Revision made) {
            long version = made.version();
            seen("write", version);
            Revision got = client.get(kind, HERE, name);
            assertThat(got.version()).isEqualTo(version);
            assertThat(new String(got.json(), java.nio.charset.StandardCharsets.UTF_8))
                    .doesNotContain("changed afterwards");
            String match = List.of("", "0", "NotOlderThan", "Exact").get(random.nextInt(4));
            boolean named = match.length() > 1;
            String from = named ? "" + version : match;
            try {
                RevisionList list =
                        client.list(kind, HERE, new ListOptions("", "", from, 0, "", false, named ? match : ""));
                assertThat(versions(list.items())).containsAllEntriesOf(own);
                if (match.equals("Exact")) {
                    assertThat(list.resourceVersion()).isEqualTo(from);
                } else {
                    assertThat(Long.parseLong(list.resourceVersion())).isGreaterThanOrEqualTo(version);
                }
            } catch (StatusException e) {
                // Compacted meanwhile.
                assertThat(e.code()).isEqualTo(410);
                assertThat(match).isEqualTo("Exact");
            }
            if (random.nextInt(6) == 0) {
                record(new Recorder(kind, version, null));
            }
        }

        /** One after the other, and never back. */
        private void lists() {
            for (int i = 0; i < 3; i++) {
                GroupVersionResource kind = KINDS.get(random.nextInt(KINDS.size()));
                RevisionList list = client.list(kind, HERE, ListOptions.ALL);
                long version = Long.parseLong(list.resourceVersion());
                seen("list of " + kind.resource(), version);
                if (random.nextInt(3) == 0) {
                    record(new Recorder(kind, version, versions(list.items())));
                }
            }
        }

        /** Of what all of them write, no write is lost. */
        private void count() {
            while (true) {
                Unstructured o = client.get(Resources.CONFIG_MAPS, HERE, "shared")
                        .object()
                        .copy();
                long n = Long.parseLong(o.string("data", "n"));
                try {
                    client.update(Resources.CONFIG_MAPS, o.set("" + (n + 1), "data", "n"), WriteOptions.DEFAULT);
                    counted.incrementAndGet();
                    return;
                } catch (StatusException e) {
                    assertThat(e.code()).isEqualTo(409);
                }
            }
        }

        private void seen(String what, long version) {
            assertThat(version).as(what).isGreaterThanOrEqualTo(high);
            high = version;
        }

        private void record(Recorder recorder) {
            client.watch(recorder.kind, HERE, ListOptions.ALL.from("" + recorder.from), recorder);
            recorders.add(recorder);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void everyClientReadsItsWritesAndNobodyIsToldTwiceOrNotAtAll(long seed) throws Exception {
        try (var server = new SecureServer(Limits.STANDARD, environment -> EmbeddedStore.open(dir, environment))) {
            Client admin = server.server.client(UserInfo.ADMIN);
            admin.create(
                    Resources.CONFIG_MAPS,
                    HERE,
                    object(Resources.CONFIG_MAPS, "shared").set("0", "data", "n"),
                    WriteOptions.DEFAULT);
            Map<GroupVersionResource, Recorder> all = new HashMap<>();
            for (GroupVersionResource kind : KINDS) {
                RevisionList list = admin.list(kind, HERE, ListOptions.ALL);
                long version = Long.parseLong(list.resourceVersion());
                all.put(kind, new Recorder(kind, version, versions(list.items())));
                admin.watch(kind, HERE, ListOptions.ALL.from("" + version), all.get(kind));
            }
            Queue<Recorder> recorders = new ConcurrentLinkedQueue<>(all.values());
            Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
            var counted = new AtomicInteger();
            var going = new AtomicBoolean(true);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                var worker = new Worker(server, seed, i, recorders, counted);
                threads.add(Thread.ofVirtual().start(() -> {
                    try {
                        for (int n = 0; n < 60 && failures.isEmpty(); n++) {
                            worker.step();
                        }
                    } catch (RuntimeException | AssertionError e) {
                        failures.add(e);
                    }
                }));
            }
            Thread compacting = Thread.ofVirtual().start(() -> {
                while (going.get()) {
                    server.store.compact(server.store.revision() - 5);
                    Thread.yield();
                }
            });
            for (Thread t : threads) {
                t.join();
            }
            going.set(false);
            compacting.join();
            assertThat(failures).as("seed %d", seed).isEmpty();
            assertThat(admin.get(Resources.CONFIG_MAPS, HERE, "shared").object().string("data", "n"))
                    .isEqualTo("" + counted.get());
            for (Recorder r : recorders) {
                assertThat(r.wrong).as("seed %d", seed).isEmpty();
                assertThat(r.told)
                        .as("seed %d: %s from %d", seed, r.kind, r.from)
                        .containsExactlyElementsOf(all.get(r.kind).told.stream()
                                .filter(line -> Recorder.version(line) > r.from)
                                .toList());
                if (r.known != null) {
                    assertThat(r.known)
                            .isEqualTo(versions(
                                    admin.list(r.kind, HERE, ListOptions.ALL).items()));
                }
            }
        }
    }

    @Test
    void aVersionThatIsNotStoredIsWatchedFromNowOnAsWell() throws Exception {
        try (var server = new SecureServer();
                var admin = server.admin()) {
            assertThat(admin.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
                    {"metadata":{"name":"toys.play.example"},"spec":{"group":"play.example","scope":"Cluster",
                     "names":{"plural":"toys","kind":"Toy"},"versions":[
                     {"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}},
                     {"name":"v2","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}""")
                            .statusCode())
                    .isEqualTo(201);
            String toys = "/apis/play.example/v2/toys";
            org.awaitility.Awaitility.await().until(() -> admin.get(toys).statusCode() == 200);
            assertThat(admin.get(toys + "?watch=true&timeoutSeconds=1&sendInitialEvents=false"
                                    + "&resourceVersionMatch=NotOlderThan")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    /** A disk that is full after so many appends. */
    private static final class Filling implements Journal {
        private int room = 200;

        @Override
        public void append(List<KeyValue> records) {
            if (room-- <= 0) {
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
    void whenADiskIsFullEverybodyIsAnsweredAndOnlyWhatWasAcknowledgedIsShown() throws Exception {
        try (var server =
                new SecureServer(Limits.STANDARD, environment -> new MvccStore(new Filling(), environment, true))) {
            Client admin = server.server.client(UserInfo.ADMIN);
            RevisionList before = admin.list(Resources.SERVICES, HERE, ListOptions.ALL);
            var told = new Recorder(
                    Resources.SERVICES, Long.parseLong(before.resourceVersion()), versions(before.items()));
            admin.watch(Resources.SERVICES, HERE, ListOptions.ALL.from(before.resourceVersion()), told);
            Map<String, Long> acknowledged = new ConcurrentHashMap<>(versions(before.items()));
            writeUntilRefused(server, acknowledged, () -> {});
            assertThat(server.store.failure()).isPresent();
            assertThat(versions(admin.list(Resources.SERVICES, HERE, ListOptions.ALL)
                            .items()))
                    .isEqualTo(new TreeMap<>(acknowledged));
            assertThat(told.wrong).isEmpty();
            assertThat(told.known).isEqualTo(new TreeMap<>(acknowledged));
        }
    }

    @Test
    void whoWritesWhileTheStoreClosesIsAnswered() throws Exception {
        try (var server = new SecureServer(Limits.STANDARD, environment -> EmbeddedStore.open(dir, environment))) {
            Map<String, Long> acknowledged = new ConcurrentHashMap<>();
            writeUntilRefused(server, acknowledged, () -> {
                while (acknowledged.size() < 30) {
                    Thread.onSpinWait();
                }
                server.store.close();
            });
            assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(30);
        }
    }

    private static void writeUntilRefused(SecureServer server, Map<String, Long> acknowledged, Runnable meanwhile)
            throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            String prefix = "w" + i + "-";
            Client client = server.server.client(UserInfo.ADMIN);
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    for (int n = 0; ; n++) {
                        Unstructured o = object(Resources.SERVICES, prefix + n);
                        acknowledged.put(
                                o.name(),
                                client.create(Resources.SERVICES, HERE, o, WriteOptions.DEFAULT)
                                        .version());
                    }
                } catch (RuntimeException refused) {
                    assertThat(refused).isNotInstanceOf(NullPointerException.class);
                }
            }));
        }
        meanwhile.run();
        for (Thread t : threads) {
            t.join();
        }
    }
}
