package dev.coracle.store.embedded;

import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.store.Op;
import dev.coracle.store.Store;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The child of {@link CrashTest}: writes as fast as it can from several threads, and says each key on standard output when
 * its write is acknowledged, until it is killed.
 */
final class CrashingWriter {
    private static final int THREADS = 4;

    private CrashingWriter() {}

    public static void main(String[] args) throws Exception {
        String round = args[1];
        var system = new SystemEnvironment((name, e) -> System.exit(3));
        Store store = EmbeddedStore.open(Path.of(args[0]), system.environment());
        OutputStream out = new java.io.FileOutputStream(java.io.FileDescriptor.out);
        for (int t = 0; t < THREADS; t++) {
            String prefix = "/crash/" + round + "/" + t + "/";
            Thread.ofPlatform().start(() -> {
                for (int i = 0; ; i++) {
                    String key = prefix + i;
                    store.txn(List.of(), List.of(Op.put(key, new byte[100 + i % 900])), List.of());
                    say(out, key + "\n");
                }
            });
        }
    }

    /** One write call for a line: what the pipe has of it is whole. */
    private static void say(OutputStream out, String line) {
        try {
            out.write(line.getBytes(StandardCharsets.US_ASCII));
        } catch (java.io.IOException e) {
            System.exit(0);
        }
    }
}
