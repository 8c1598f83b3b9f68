package dev.coracle.runtime.oci;

import dev.coracle.machinery.json.Json;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;

/** What an image says of how to run it; the OCI image configuration's fields. */
record ImageConfig(
        List<String> entrypoint,
        List<String> cmd,
        List<String> env,
        String user,
        String workingDir,
        String stopSignal,
        List<String> diffIds,
        Map<String, Object> labels,
        long createdAtNanos) {

    static ImageConfig parse(byte[] json) {
        Map<String, Object> root = Json.parseObject(json);
        Map<String, Object> config = Trees.map(root.get("config"));
        return new ImageConfig(
                Trees.strings(config.get("Entrypoint")),
                Trees.strings(config.get("Cmd")),
                Trees.strings(config.get("Env")),
                Trees.string(config, "User"),
                Trees.string(config, "WorkingDir"),
                Trees.string(config, "StopSignal"),
                Trees.strings(Trees.map(root.get("rootfs")).get("diff_ids")),
                Trees.map(config.get("Labels")),
                nanos(Trees.string(root, "created")));
    }

    private static long nanos(String timestamp) {
        try {
            Instant i = timestamp.isEmpty() ? Instant.EPOCH : Instant.parse(timestamp);
            return Math.multiplyExact(i.getEpochSecond(), 1_000_000_000L) + i.getNano();
        } catch (DateTimeParseException | ArithmeticException e) {
            return 0;
        }
    }
}
