package dev.coracle.cli.kubectl.base;

import java.io.PrintStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Tells what the server warns of: each once, on the error stream. */
final class ServerWarnings implements Consumer<String> {
    private final PrintStream err;
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    ServerWarnings(PrintStream err) {
        this.err = err;
    }

    @Override
    public void accept(String warning) {
        if (told.add(warning)) {
            err.println("Warning: " + warning);
        }
    }
}
