package dev.coracle.clients;

import dev.coracle.e2e.harness.Shell;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** What this machine has. */
final class Programs {
    private Programs() {}

    /** Whether it is there and does this without complaint. */
    static boolean runs(String... command) {
        try {
            return Shell.run(Map.of(), "", List.of(command)).code() == 0;
        } catch (UncheckedIOException e) {
            return false;
        }
    }
}
