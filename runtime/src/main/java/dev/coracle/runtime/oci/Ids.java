package dev.coracle.runtime.oci;

import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.env.Environment;
import java.time.Instant;
import java.util.HexFormat;

/** Names and times as CRI has them: 64 hexadecimal digits; nanoseconds since 1970. */
final class Ids {
    private Ids() {}

    static String fresh(Entropy entropy) {
        return HexFormat.of().formatHex(entropy.bytes(32));
    }

    static long now(Environment environment) {
        return nanos(environment.clock().now());
    }

    static long nanos(Instant i) {
        return i.getEpochSecond() * 1_000_000_000L + i.getNano();
    }
}
