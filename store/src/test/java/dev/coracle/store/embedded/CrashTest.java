package dev.coracle.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.store.KeyRange;
import dev.coracle.store.KeyValue;
import dev.coracle.store.Store;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that writes is killed at a random point, again and again over one store: what it said was written is there.
 * By hand: {@code mvn -pl store test -Dtest=CrashTest -Dcoracle.crash.rounds=500}.
 */
class CrashTest {
    private static final int ROUNDS = Integer.getInteger("coracle.crash.rounds", 40);
    private static final long SEED = Long.getLong("coracle.crash.seed", 1);
    /** A child is killed after it has acknowledged at most so many writes. */
    private static final int MOST = 400;

    @TempDir
    Path dir;

    @Test
    void whatWasAcknowledgedSurvivesAKill() throws Exception {
        Random random = new Random(SEED);
        long all = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Set<String> acknowledged = killedAfter(random.nextInt(MOST), round);
            Set<String> found = found("/crash/" + round + "/");
            assertThat(found).as("round " + round + " of seed " + SEED).containsAll(acknowledged);
            // What was under way may be there or not: one write of each thread.
            assertThat(found.size() - acknowledged.size()).as("round " + round).isBetween(0, 4);
            all += acknowledged.size();
        }
        assertThat(all).isGreaterThan(ROUNDS);
    }

    private Set<String> killedAfter(int writes, int round) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-Xmx128m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrashingWriter.class.getName(),
                        dir.resolve("store").toString(),
                        String.valueOf(round))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Set<String> acknowledged = new HashSet<>();
        try (var lines = new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                acknowledged.add(line);
                if (acknowledged.size() == writes + 1) {
                    child.toHandle().destroyForcibly();
                }
            }
        }
        assertThat(child.waitFor()).as("killed, not ended").isEqualTo(137);
        return acknowledged;
    }

    private Set<String> found(String prefix) {
        var system = new SystemEnvironment((name, e) -> {});
        try (Store store = EmbeddedStore.open(dir.resolve("store"), system.environment())) {
            List<KeyValue> kvs = store.range(KeyRange.prefix(prefix), 0, 0).kvs();
            Set<String> keys = new HashSet<>();
            kvs.forEach(kv -> keys.add(kv.key()));
            store.compact(store.revision());
            return keys;
        } finally {
            system.close();
        }
    }
}
