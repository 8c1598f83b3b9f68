package dev.coracle.kubelet.server;

import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How a command ended, as the error stream tells it. */
final class CommandStatus {
    private CommandStatus() {}

    static byte[] exited(int code) {
        Unstructured status = new Unstructured(new LinkedHashMap<>()).set(new LinkedHashMap<>(), "metadata");
        if (code == 0) {
            return status.set("Success", "status").json();
        }
        return status.set("Failure", "status")
                .set("command terminated with non-zero exit code: exit status " + code, "message")
                .set("NonZeroExitCode", "reason")
                .set(List.of(Map.of("reason", "ExitCode", "message", String.valueOf(code))), "details", "causes")
                .json();
    }

    /** @param what {@code executing command in} or {@code attaching to} */
    static byte[] failed(String what, Exception cause) {
        return StatusException.internal("error " + what + " container: " + cause.getMessage())
                .status()
                .json();
    }
}
